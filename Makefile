# Front door of the repository. `make` alone lists the targets; recipes are one-liners into
# scripts/fleet. FUNCTION=name limits a target to one function.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
FLEET := PYTHONPATH=scripts:images $(VENV)/bin/python -m fleet
READY := $(VENV)/.fleet-ready
TEST_READY := $(VENV)/.test-ready

export FUNCTION ARCH MODE ENV

$(READY): scripts/requirements.txt images/uv.txt
	@scripts/bootstrap.sh $(PYTHON) $(VENV) scripts/requirements.txt
	@touch $@

$(TEST_READY): $(READY) tests/requirements.txt $(wildcard */*/requirements.txt)
	@scripts/bootstrap.sh $(PYTHON) $(VENV) tests/requirements.txt $(wildcard */*/requirements.txt)
	@touch $@

##@ Look (Python and make only)
.PHONY: help
help: ## Print this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z -]*:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## Run the platform on real data, without Docker or an AWS account
	@$(FLEET) demo

.PHONY: list
list: $(READY) ## List the functions of the catalogue
	@$(FLEET) list

.PHONY: data
data: $(READY) ## Fetch the public data sets that the demo can use
	@$(FLEET) data

##@ Test
.PHONY: test
test: $(TEST_READY) ## Run every test; what needs Docker is named as skipped where there is none
	@PYTHONPATH=scripts:images $(VENV)/bin/python -m pytest $(TESTS)

.PHONY: check
check: $(TEST_READY) ## Check format, lint, types, Dockerfiles, shell scripts and locks
	@scripts/check.sh

.PHONY: format
format: $(TEST_READY) ## Format the Python sources
	@$(VENV)/bin/ruff format --quiet . && $(VENV)/bin/ruff check --quiet --fix .

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

.PHONY: down
down: $(READY) ## Stop the local cloud; PURGE=1 also deletes its data
	@$(FLEET) down $(if $(PURGE),--purge)

.PHONY: logs
logs: $(READY) ## Show a function's log: make logs FUNCTION=name, FOLLOW=1 to follow
	@$(FLEET) logs $(if $(FOLLOW),--follow)

##@ Maintain
.PHONY: new
new: $(READY) ## Add a function: make new NAME=name KIND=pipeline|api
	@$(FLEET) new "$(NAME)" --kind "$(or $(KIND),api)"

.PHONY: lock
lock: $(READY) ## Lock every requirements.in with hashes; UPGRADE=1 takes newer versions
	@$(FLEET) lock $(if $(UPGRADE),--upgrade)

.PHONY: schema
schema: $(READY) ## Write functions.schema.json anew from the catalogue's model
	@$(FLEET) schema
