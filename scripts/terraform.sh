#!/bin/sh
# Checks both Terraform roots: `terraform.sh lint` their format, validity and checkov's rules,
# `terraform.sh test` Terraform's own tests, whose providers are mocked. Quiet when all is well, but
# for how many tests passed.
#
# Works on a copy, so that nothing is left behind. FLEET_TERRAFORM_OFFLINE names a command that
# stands in for the registry of providers; tests/terraform/offline.py tells how it is called.
set -u
cd "$(dirname "$0")/.." || exit 1
roots='terraform terraform/registry'

copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
tar -c -f - --exclude=.terraform --exclude='*.tfstate*' \
  terraform state-machines functions.yaml functions.schema.json | tar -x -f - -C "$copy"
git init --quiet "$copy"

# in_root ROOT SCRIPT: runs SCRIPT in the initialised root.
# shellcheck disable=SC2329  # called by check
in_root() {
  if [ -n "${FLEET_TERRAFORM_OFFLINE:-}" ]; then
    # shellcheck disable=SC2086  # a command with its arguments
    $FLEET_TERRAFORM_OFFLINE "$copy/$1" -- sh -c "$2"
    return
  fi
  command -v terraform >/dev/null || {
    echo 'terraform is not installed: Terraform 1.11 or newer is needed'
    return 1
  }
  # Each provider is fetched once; without a lock file Terraform would not believe the cache.
  TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-$PWD/.fleet/terraform-plugins}
  mkdir -p "$TF_PLUGIN_CACHE_DIR"
  export TF_PLUGIN_CACHE_DIR TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=true
  (
    cd "$copy/$1" &&
      terraform init -backend=false -input=false -no-color >/dev/null &&
      sh -c "$2"
  )
}

# checkov leaves out what it cannot parse, or not in time, and succeeds: only its summary tells.
# shellcheck disable=SC2329  # called by check
rules() {
  HCL_PARSE_TIMEOUT_SEC=300 "${CHECKOV:-.venv/checkov/bin/checkov}" --directory terraform \
    --framework terraform --quiet --compact --skip-download >"$copy/checkov.log"
  status=$?
  cat "$copy/checkov.log"
  if [ "$status" -eq 1 ]; then
    echo 'Correct what failed, or write "#checkov:skip=<rule>:<reason>" inside the resource.'
    return 1
  elif grep -q 'Parsing errors' "$copy/checkov.log"; then
    echo 'checkov could not parse every file, so that not all was checked.'
    return 1
  fi
  return "$status"
}

failed=0
check() {
  if ! output=$("$@" 2>&1); then
    printf 'failed: %s\n%s\n\n' "$*" "$output" >&2
    failed=1
    return 1
  fi
}

case "${1:-}" in
  lint)
    for root in $roots; do
      check in_root "$root" 'terraform fmt -check -diff -recursive && terraform validate -no-color'
    done
    check rules
    ;;
  test)
    for root in $roots; do
      check in_root "$root" 'terraform test -no-color' &&
        printf '%s: %s\n' "$root" "$(printf '%s\n' "$output" | tail -n 1)"
    done
    ;;
  *)
    echo 'usage: terraform.sh lint | test' >&2
    exit 2
    ;;
esac
exit $failed
