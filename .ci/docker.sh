#!/usr/bin/env bash
# Starts what CI needs of Docker on a Debian 12 machine without one: engine, buildx, compose.
# Does nothing where `docker info`, buildx and compose work already.
set -euo pipefail

plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins

packages=()
command -v dockerd >/dev/null || packages+=(docker.io iptables)
command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)
command -v docker-registry >/dev/null || packages+=(docker-registry)
if [ ${#packages[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

# buildx and compose of Debian 13 run on Debian 12's libc; only the plugin files are taken, so that
# apt never upgrades anything to the newer release.
if ! docker buildx version >/dev/null 2>&1 || ! docker compose version >/dev/null 2>&1; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/{sources,lists/partial,cache/archives/partial} "$plugins"
  # shellcheck disable=SC2016  # apt's own placeholder
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
    "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg >"$work/sources/trixie.sources"
  options=(
    -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/sources"
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
  )
  apt-get "${options[@]}" -qq update
  for plugin in docker-buildx docker-compose; do
    (cd "$work" && apt-get "${options[@]}" -qq download "$plugin")
    dpkg-deb --fsys-tarfile "$work/$plugin"_*.deb |
      tar -xO --wildcards "*/cli-plugins/$plugin" >"$plugins/$plugin"
    chmod +x "$plugins/$plugin"
  done
fi

# Lets arm64 images run here, where the kernel allows it.
if [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
  apt-get install -y -qq --no-install-recommends qemu-user-static >/dev/null
  [ -e /proc/sys/fs/binfmt_misc/register ] ||
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || true
  magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
  mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  printf ':qemu-aarch64:M::%s:%s:/usr/bin/qemu-aarch64-static:F' "$magic" "$mask" \
    >/proc/sys/fs/binfmt_misc/register || true
fi

if ! docker info >/dev/null 2>&1; then
  dockerd >/tmp/dockerd.log 2>&1 &
  for _ in $(seq 60); do
    docker info >/dev/null 2>&1 && break
    sleep 1
  done
  docker info >/dev/null || { tail -n 50 /tmp/dockerd.log >&2; exit 1; }
fi
