#!/usr/bin/env bash
# Every shell and Python script parses.
set -euo pipefail
source .ci/environment.sh

mapfile -t scripts < <(git ls-files | while read -r file; do
    [ -f "$file" ] && head -c 64 "$file" | head -n 1 | grep -qa '^#!.*bash' && echo "$file"
done)
for script in "${scripts[@]}" .ci/environment.sh tests/interop/servers/process.sh; do
    bash -n "$script"
done
# It is in few machines; those that have it see more.
if command -v shellcheck >/dev/null; then
    shellcheck --severity=warning -x "${scripts[@]}"
fi
git ls-files '*.py' | python3 -c '
import ast, sys
for path in sys.stdin.read().splitlines():
    ast.parse(open(path, encoding="utf-8").read(), path)
'
echo "${#scripts[@]} shell scripts and $(git ls-files '*.py' | wc -l) Python files parse"
