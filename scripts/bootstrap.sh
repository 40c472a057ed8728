#!/bin/sh
# Makes the virtual environment of the fleet command line: bootstrap.sh PYTHON DIRECTORY LOCK...
# uv installs everything; uv itself comes from the package index, by hash.
set -eu
python=$1 directory=$2
shift 2
"$python" - <<'P' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; "
             "name another one with make PYTHON=...")
P
if [ ! -x "$directory/bin/uv" ]; then
  echo "Preparing $directory ..." >&2
  "$python" -m venv "$directory" || {
    echo "The venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2
    exit 1
  }
  "$directory/bin/pip" --quiet --disable-pip-version-check install --require-hashes -r images/uv.txt
fi
requirements=
for lock in "$@"; do
  requirements="$requirements --requirement $lock"
done
# shellcheck disable=SC2086  # word splitting wanted: the paths are the Makefile's own
exec "$directory/bin/uv" pip install --quiet --no-config --python "$directory/bin/python" \
  --require-hashes $requirements
