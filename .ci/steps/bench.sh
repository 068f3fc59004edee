#!/usr/bin/env bash
# The benchmarks run from end to end, in small; no figure is asserted.
set -euo pipefail
source .ci/environment.sh

python3 -c 'import venv, ensurepip' 2>/dev/null || skip_step "benchmarks: Python has no venv here"
tests/bench/run --quick
# What could not be run here, a server or a peer, is said once more at the end.
while read -r line; do
    not_run "$line"
done < <(python3 - "$CARGO_TARGET_DIR/bench/results.json" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    results = json.load(file)
for goal in results["goals"]:
    if goal["result"] == "not run":
        print(f"benchmark {goal['case']}: {goal['goal']}: {goal['why']}")
PYTHON
)
