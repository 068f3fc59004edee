#!/usr/bin/env bash
# stop.sh STATE_DIR: ends what a start script recorded there, newest first, and removes it.
set -euo pipefail

state=$(realpath "${1:?usage: stop.sh STATE_DIR}")
[ -f "$state/processes" ] || { echo "nothing was started in $state" >&2; exit 1; }
mapfile -t pids < <(tac "$state/processes" | cut -d ' ' -f 2)

# In a container without an init nobody reaps our children: a zombie counts as ended.
is_running() {
    local status
    status=$(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null) || return 1
    [ -n "$status" ] && [ "$status" != Z ]
}

# Nothing in there is worth saving: Ceph's orderly shutdown would take 5 s.
for pid in "${pids[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
done
for pid in "${pids[@]}"; do
    for _ in $(seq 100); do
        is_running "$pid" || break
        sleep 0.05
    done
done
rm -rf "$state"
