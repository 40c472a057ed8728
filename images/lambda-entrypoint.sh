#!/bin/sh
# As in AWS's own base images: under Lambda the runtime client starts; anywhere else it starts
# inside the runtime interface emulator, which then answers on port 8080.
set -eu
if [ "$#" -ne 1 ]; then
  echo "lambda-entrypoint.sh: expected the handler as only argument, such as handler.lambda_handler" >&2
  exit 64
fi
if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec /usr/local/bin/aws-lambda-rie python3 -m awslambdaric "$1"
fi
exec python3 -m awslambdaric "$1"
