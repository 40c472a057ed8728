# Front door of the repository. `make` alone lists the targets; recipes are one-liners into
# scripts/fleet and demo/. FUNCTION=name limits a target to the image of one function, and
# GROUP=folder to those of the functions in a folder, such as ai-systems.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
EMPTY :=
LIBS := $(subst $(EMPTY) $(EMPTY),:,$(wildcard libs/*/src))
SOURCES := $(subst $(EMPTY) $(EMPTY),:,$(wildcard */src */*/src))
FLEET := PYTHONPATH=scripts:images $(VENV)/bin/python -m fleet
# Commands of the application, a package of demo/ each.
DEMO := PYTHONPATH=demo:scripts:images:$(LIBS) $(VENV)/bin/python -m
READY := $(VENV)/.fleet-ready
TEST_READY := $(VENV)/.test-ready
BENCH_READY := $(VENV)/.bench-ready
DEMO_READY := $(VENV)/.demo-ready
# How many processes run tests; 0 runs them in pytest's own.
JOBS ?= auto
TESTS_PARALLEL = --numprocesses $(JOBS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

export FUNCTION GROUP ARCH MODE ENV

$(READY): scripts/requirements.txt images/uv.txt
	@scripts/bootstrap.sh $(PYTHON) $(VENV) scripts/requirements.txt
	@touch $@

# Of every function; their folders lie one level deep or two.
FUNCTION_LOCKS := $(wildcard $(patsubst %/src,%/requirements.txt,$(wildcard */src */*/src)))
TRAINING_LOCKS := $(wildcard */training/requirements.txt */*/training/requirements.txt)
TEST_LOCKS := tests/requirements.txt demo/requirements.txt $(FUNCTION_LOCKS) $(TRAINING_LOCKS)

$(TEST_READY): $(READY) $(TEST_LOCKS)
	@scripts/bootstrap.sh $(PYTHON) $(VENV) $(TEST_LOCKS)
	@touch $@

$(DEMO_READY): $(READY) demo/requirements.txt
	@scripts/bootstrap.sh $(PYTHON) $(VENV) demo/requirements.txt
	@touch $@

$(BENCH_READY): $(TEST_READY) benchmarks/requirements.txt
	@scripts/bootstrap.sh $(PYTHON) $(VENV) benchmarks/requirements.txt
	@touch $@

##@ Look (Python and make only)
.PHONY: help
help: ## Print this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z -]*:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(DEMO_READY) ## Run the platform on shop data, without Docker or an AWS account
	@$(DEMO) tour --rows "$(or $(ROWS),100000)" --months "$(or $(MONTHS),24)" --seed "$(or $(SEED),1)"

.PHONY: list
list: $(READY) ## List the functions of the catalogue
	@$(FLEET) list

.PHONY: data
data: $(DEMO_READY) ## Fetch the public data sets that the demo can use
	@$(DEMO) open_data

.PHONY: shop
shop: $(DEMO_READY) ## Write the files of a made-up shop: make shop OUT=folder or s3://bucket, ROWS=100000, SEED=1
	@$(DEMO) shop --rows "$(or $(ROWS),100000)" --seed "$(or $(SEED),1)" \
	  --out "$(or $(OUT),$(error name a folder or a bucket: make shop OUT=folder or OUT=s3://bucket/prefix))"

##@ Test
.PHONY: test
test: $(TEST_READY) ## Run every test that can run here, or those of TESTS=path or of FUNCTION=name
	@env -u FUNCTION -u GROUP PYTHONPATH=scripts:images $(VENV)/bin/python -m pytest \
	  $(TESTS_PARALLEL) --function=$(FUNCTION) --group=$(GROUP) $(TESTS)

.PHONY: fuzz
fuzz: $(TEST_READY) ## Try mutated inputs on everything that reads bytes: SECONDS=300, SEED=number, TARGET=name
	@POWERTOOLS_LOG_LEVEL=CRITICAL POWERTOOLS_METRICS_DISABLED=true \
	  PYTHONPATH=tests:scripts:images:$(LIBS):$(SOURCES) $(VENV)/bin/python -m fuzz \
	  --seconds $(or $(SECONDS),300) --seed $(or $(SEED),1) $(if $(TARGET),--target $(TARGET))

.PHONY: check
check: $(TEST_READY) ## Check format, lint, types, Dockerfiles, shell scripts, workflows and locks
	@scripts/check.sh $(CHECKS)

CHECKOV_READY := $(VENV)/checkov/.ready

$(CHECKOV_READY): tests/checkov.txt images/uv.txt
	@scripts/bootstrap.sh $(PYTHON) $(VENV)/checkov tests/checkov.txt
	@touch $@

.PHONY: terraform-lint
terraform-lint: $(CHECKOV_READY) ## Check format and validity of the Terraform roots, and checkov's rules
	@scripts/terraform.sh lint

.PHONY: terraform-test
terraform-test: ## Run Terraform's own tests of both roots, with mocked providers
	@scripts/terraform.sh test

.PHONY: format
format: $(TEST_READY) ## Format the Python sources
	@$(VENV)/bin/ruff format --quiet . && $(VENV)/bin/ruff check --quiet --fix .

.PHONY: bench
bench: $(BENCH_READY) ## Run a benchmark: make bench BENCH=pipeline
	@PYTHONPATH=demo:scripts:images:$(LIBS):$(SOURCES) $(VENV)/bin/python benchmarks/$(or $(BENCH),pipeline)/run.py $(ARGS)

##@ Build (Docker)
.PHONY: build build-all
build build-all: $(READY) ## Build the images, in one parallel call; ARCH=arm64 cross-builds
	@$(FLEET) build

.PHONY: verify verify-all
verify verify-all: $(READY) ## Check the built images: contents, permissions, size, start
	@$(FLEET) verify

.PHONY: smoke smoke-all
smoke smoke-all: $(READY) ## Invoke the built images with their sample events, as Lambda would
	@$(FLEET) smoke

.PHONY: run
run: $(READY) ## Run one function's image and print the curl line: make run FUNCTION=name
	@$(FLEET) run

##@ Local cloud (Docker, or processes with MODE=process)
.PHONY: up
up: $(READY) ## Start the local cloud with every function, trigger and route
	@$(FLEET) up
	@echo "Fill it       make shop OUT=s3://fleet-local-raw"

.PHONY: down
down: $(READY) ## Stop the local cloud; PURGE=1 also deletes its data
	@$(FLEET) down $(if $(PURGE),--purge)

.PHONY: logs
logs: $(READY) ## Show a function's log: make logs FUNCTION=name, FOLLOW=1 to follow
	@$(FLEET) logs $(if $(FOLLOW),--follow)

.PHONY: backfill
backfill: $(DEMO_READY) ## Change the local cloud: curate the objects under PREFIX=... that are not curated yet
	@$(DEMO) backfill "$(PREFIX)"

##@ Ship (AWS, Terraform, Docker; ENV names the environment, docs/operations.md explains)
.PHONY: push
push: $(READY) ## Change the registry: push images and zip packages that it lacks, once verified and tried
	@$(FLEET) push

.PHONY: plan
plan: $(READY) ## Show what a deployment would change: make plan ENV=dev
	@$(FLEET) plan

.PHONY: deploy
deploy: $(READY) ## Change AWS: build, check, push, apply and move users in steps: make deploy ENV=dev
	@$(FLEET) deploy

.PHONY: promote
promote: $(READY) ## Change AWS: release the live versions of FROM=dev to ENV=prod, without a build
	@$(FLEET) promote

.PHONY: rollback
rollback: $(READY) ## Change AWS: move users back, to TO=number, of FUNCTION=name: make rollback ENV=dev
	@$(FLEET) rollback

.PHONY: releases
releases: $(READY) ## List the releases of an environment: make releases ENV=dev
	@$(FLEET) releases

.PHONY: prune-images
prune-images: $(READY) ## Change the registry: name the images that nothing uses; APPLY=1 deletes them
	@$(FLEET) prune-images

.PHONY: destroy
destroy: $(READY) ## Change AWS: delete an environment, named in full first: make destroy ENV=dev
	@$(FLEET) destroy

.PHONY: cost
cost: $(READY) ## Estimate a month's bill from the catalogue and TRAFFIC=file
	@$(FLEET) cost

##@ Maintain
.PHONY: new
new: $(TEST_READY) ## Add a function: make new NAME=name KIND=pipeline|api|ai, FOLDER=path to choose where
	@$(FLEET) new "$(NAME)" --kind "$(or $(KIND),api)" --folder "$(FOLDER)"

.PHONY: train
train: $(READY) ## Train a function's model, which writes artefact and card; DATA=file for other data
	@$(FLEET) train --data "$(DATA)"

.PHONY: evaluate
evaluate: $(READY) ## Evaluate a model against its baselines; DATA=file for other data, SPLIT=dates, JSON=1
	@$(FLEET) evaluate --data "$(DATA)" --split "$(SPLIT)" $(if $(JSON),--json)

.PHONY: lock
lock: $(READY) ## Lock every requirements.in with hashes; UPGRADE=1 takes newer versions
	@$(FLEET) lock $(if $(UPGRADE),--upgrade)

.PHONY: schema
schema: $(READY) ## Write functions.schema.json from the catalogue's model
	@$(FLEET) schema

.PHONY: openapi
openapi: $(TEST_READY) ## Write the openapi.json of the functions with HTTP routes
	@$(FLEET) openapi

.PHONY: docs
docs: $(DEMO_READY) ## Write the README's list of functions and docs/tables.md
	@$(FLEET) docs
	@$(DEMO) data_dictionary
