#!/usr/bin/env bash
# Every Rust file is formatted as rustfmt.toml says.
set -euo pipefail
source .ci/environment.sh

cargo fmt --all --check
