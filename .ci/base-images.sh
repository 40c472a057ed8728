#!/usr/bin/env bash
# Builds stand-ins for the official Python image from Debian 13 packages, where no registry can be
# reached: python-standin:amd64, which also runs the build steps, and python-standin:arm64. And
# debian-bare:amd64, the machine of somebody who has Python and make alone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016  # apt's own placeholder
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)

if ! docker image inspect python-standin:amd64 >/dev/null 2>&1; then
  mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
    trixie "$work/amd64.tar" "$mirror"
  docker import "$work/amd64.tar" python-standin:amd64 >/dev/null
fi

if ! docker image inspect debian-bare:amd64 >/dev/null 2>&1; then
  mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates,make \
    trixie "$work/bare.tar" "$mirror"
  docker import "$work/bare.tar" debian-bare:amd64 >/dev/null
fi

# Unpacked, not configured: no program of the other architecture runs here.
if ! docker image inspect python-standin:arm64 >/dev/null 2>&1; then
  mmdebstrap --quiet --architectures=arm64 --variant=extract \
    --include=base-files,dash,coreutils,python3,ca-certificates,libc6,libstdc++6 \
    trixie "$work/arm64.tar" "$mirror"
  printf 'FROM scratch\nADD arm64.tar /\n' >"$work/Dockerfile"
  docker buildx build --quiet --platform linux/arm64 --provenance=false \
    --tag python-standin:arm64 "$work" >/dev/null
fi
