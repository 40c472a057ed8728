#!/bin/sh
# Checks format, lint, types, Dockerfiles, shell scripts, workflows and locks; quiet when all is well.
set -u
failed=0

check() {
  if ! output=$("$@" 2>&1); then
    printf 'failed: %s\n%s\n\n' "$*" "$output" >&2
    failed=1
  fi
}

files() { python tests/checkout.py "$@"; }

PATH=$PWD/.venv/bin:$PATH
export PATH PYTHONPATH=scripts:images
check ruff format --check .
check ruff check .
check mypy
# shellcheck disable=SC2046  # no path of this repository holds a space
check hadolint $(files '*Dockerfile')
# shellcheck disable=SC2046
check shellcheck $(files '*.sh' /.ci/run)
check jactionlint
check python -m fleet lock --check
exit $failed
