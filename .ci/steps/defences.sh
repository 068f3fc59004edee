#!/usr/bin/env bash
# Each check taken out of the core is noticed by a unit test of its own.
set -euo pipefail
source .ci/environment.sh

python3 tests/defences.py --unit
