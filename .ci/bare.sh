#!/usr/bin/env bash
# Runs the demo and the quick tests on a bare Debian 13, which has Python and make, but neither git,
# curl, Docker nor Terraform; as with an unpacked archive, there is no history.
set -euo pipefail
cd "$(dirname "$0")/.."

options=(--rm --interactive --init --network host)
cache=$(.venv/bin/uv cache dir)
options+=(--volume "$cache:/root/.cache/uv")
if [ -n "${SSL_CERT_FILE:-}" ]; then
  bundle=/etc/ssl/certs/ca-certificates.crt
  options+=(--volume "$SSL_CERT_FILE:$bundle:ro" --env "SSL_CERT_FILE=$bundle" --env "PIP_CERT=$bundle")
fi

.venv/bin/python tests/checkout.py '*' |
  tar --create --file=- --files-from=- |
  docker run "${options[@]}" debian-bare:amd64 sh -euc '
    mkdir /root/fleet
    cd /root/fleet
    tar --extract --file=-
    make demo
    make down PURGE=1
    make test TESTS="tests/unit tests/contract"
  '
