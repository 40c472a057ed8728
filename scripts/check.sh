#!/bin/sh
# Checks the sources; quiet when all is well. `check.sh NAME...` runs only the checks of these names,
# as the hooks in .pre-commit-config.yaml do.
set -u
failed=0
chosen=" $* "
known=' '

# check NAME COMMAND...
check() {
  name=$1
  shift
  known="$known$name "
  case $chosen in '  ' | *" $name "*) ;; *) return 0 ;; esac
  if ! output=$("$@" 2>&1); then
    printf 'failed: %s\n%s\n\n' "$*" "$output" >&2
    failed=1
  fi
}

files() { python tests/checkout.py "$@"; }

PATH=$PWD/.venv/bin:$PATH
export PATH PYTHONPATH=scripts:images
check format ruff format --check .
check lint ruff check .
check types mypy
check types python -m fleet typecheck
# shellcheck disable=SC2046  # no path of this repository holds a space
check dockerfiles hadolint $(files '*Dockerfile')
# shellcheck disable=SC2046
check shell shellcheck $(files '*.sh' /.ci/run)
# Named one by one, as an unpacked archive has no repository to find them in.
# shellcheck disable=SC2046
check workflows jactionlint $(files '/.github/workflows/*.yml')
check locks python -m fleet lock --check

for name in $chosen; do
  case $known in *" $name "*) continue ;; esac
  echo "unknown check: $name; there are:$known" >&2
  failed=1
done
exit $failed
