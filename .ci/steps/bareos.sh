#!/usr/bin/env bash
# The Bareos plugin, in interpreters made as the file daemon makes them, on every CPython here.
set -euo pipefail
source .ci/environment.sh

needs_python boto3 pytest
cargo build --quiet "${CARGO_FLAGS[@]}" --bins
wheel=$(python_wheel)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
while read -r version state why; do
    echo "Python $version: $state $why"
    [ "$state" = built ] || not_run "Bareos plugin on Python $version: $why"
done < <(tests/bareos/host/build "$work/hosts")
[ -n "$(ls "$work/hosts")" ] || skip_step "Bareos plugin: no Python here can be embedded"

# As BAREOS.md tells an administrator to.
"$S3STREAM_VENV/bin/pip" install --quiet --no-index --no-deps --target "$work/package" "$wheel"
"$S3STREAM_VENV/bin/python" -m pytest -q -p no:cacheprovider tests/bareos \
    --hosts "$work/hosts" --package "$work/package" --programs "$CARGO_TARGET_DIR/debug" \
    --jobs "${S3STREAM_BAREOS_JOBS:-40}"
