#!/usr/bin/env bash
# Unit, integration and documentation tests pass.
set -euo pipefail
source .ci/environment.sh

cargo test "${CARGO_FLAGS[@]}" --no-fail-fast
