#!/usr/bin/env bash
# Unit, integration and documentation tests pass.
set -euo pipefail
source .ci/environment.sh

cargo test --workspace --all-features --locked --no-fail-fast
