#!/usr/bin/env bash
# One wheel of the Python package passes its tests in every CPython from 3.9 to 3.13 that is here.
set -euo pipefail
source .ci/environment.sh

VERSIONS=(9 10 11 12 13)

# interpreter MINOR: the path of a CPython 3.MINOR, from the path or from pyenv.
interpreter() {
    local candidate
    for candidate in "$(command -v "python3.$1" || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$1".*/bin/python; do
        # pyenv's shims are there for versions that are not.
        if [ -x "$candidate" ] && "$candidate" -c "
import ensurepip, sys, venv
sys.exit(sys.version_info[:2] != (3, $1) or sys.implementation.name != 'cpython')
" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

cargo build --quiet "${CARGO_FLAGS[@]}" --bins
wheel=$(python_wheel)
echo "${wheel##*/}"

newest=
for minor in "${VERSIONS[@]}"; do
    [ -z "$(interpreter "$minor")" ] || newest=$minor
done
[ -n "$newest" ] || skip_step "Python package: no CPython from 3.9 to 3.13 with venv is here"

for minor in "${VERSIONS[@]}"; do
    python=$(interpreter "$minor")
    if [ -z "$python" ]; then
        not_run "Python package on CPython 3.$minor: it is not installed here"
        continue
    fi
    venv=$CARGO_TARGET_DIR/ci-python/3.$minor
    [ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet pytest numpy
    if [ "$minor" = "$newest" ]; then
        "$venv/bin/pip" install --quiet --only-binary :all: pandas pyarrow ||
            not_run "readers given to pandas and pyarrow: pip cannot install them here"
    fi
    "$venv/bin/pip" install --quiet --no-deps --force-reinstall "$wheel"
    echo "--- $("$venv/bin/python" --version)"
    # Every transcript of a fault once, and one of each kind everywhere.
    S3STREAM_ALL_FAULTS=$([ "$minor" != "$newest" ] || echo 1) \
        "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/python
    "$venv/bin/python" -m doctest "$("$venv/bin/python" -c 'import s3stream.names as m; print(m.__file__)')" \
        "$("$venv/bin/python" -c 'import s3stream.command.progress as m; print(m.__file__)')"
    "$venv/bin/s3stream" --version
done
