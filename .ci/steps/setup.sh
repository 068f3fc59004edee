#!/usr/bin/env bash
# Installs what the other steps need and this machine lacks.
set -euo pipefail
source .ci/environment.sh

# Toolchain components; rustup is not on every machine.
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 ||
        rustup component add "$component" ||
        not_run "$component: no such component in this toolchain"
done

# Debian's Python comes without venv; the other programs are what the scripts call.
packages=()
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
for program in curl cc valgrind cmake pkg-config; do
    command -v "$program" >/dev/null || packages+=("${program/cc/build-essential}")
done
# What a program that embeds Python is built with.
command -v python3-config >/dev/null || packages+=(python3-dev)
# What cargo-c is built with.
[ -e /usr/include/openssl/ssl.h ] || packages+=(libssl-dev)
if [ "${#packages[@]}" -gt 0 ]; then
    tests/interop/servers/apt_install.sh "${packages[@]}" ||
        not_run "packages of Debian that could not be installed: ${packages[*]}"
fi

# Clients that are not ours, for tests against ours.
[ -x "$S3STREAM_VENV/bin/pip" ] || python3 -m venv "$S3STREAM_VENV"
if ! "$S3STREAM_VENV/bin/python" -c 'import boto3, awscli, pytest' 2>/dev/null; then
    "$S3STREAM_VENV/bin/pip" install --quiet --requirement tests/interop/requirements.txt ||
        not_run "boto3, awscli and pytest: pip cannot install them here"
fi
