#!/usr/bin/env bash
# The lints of Cargo.toml and clippy.toml hold for all targets, warnings included.
set -euo pipefail
source .ci/environment.sh

cargo clippy "${CARGO_FLAGS[@]}" --all-targets -- -D warnings
