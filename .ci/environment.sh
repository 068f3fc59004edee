# Sourced by every step: where things are built and installed, and how to say "not run".
# shellcheck shell=bash

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
export DEBIAN_FRONTEND=noninteractive
# The same in every step: other packages or features would build everything once more.
CARGO_FLAGS=(--workspace --all-features --locked)
# Programs that CI installs for itself: Python's, and cargo's.
export S3STREAM_VENV=$CARGO_TARGET_DIR/ci-venv
export S3STREAM_TOOLS=$CARGO_TARGET_DIR/ci-tools
export S3STREAM_APT_UPDATED=$CARGO_TARGET_DIR/ci-apt-updated
export PATH=$S3STREAM_TOOLS/bin:$PATH
mkdir -p "$CARGO_TARGET_DIR"

# not_run WHAT: names something that this machine cannot check; the summary repeats it.
not_run() {
    echo "not run: $1"
    [ -z "${S3STREAM_NOT_RUN:-}" ] || echo "$1" >>"$S3STREAM_NOT_RUN"
}

# skip_step WHAT: the same for the rest of a step, which then counts as neither.
skip_step() {
    not_run "$1"
    exit 77
}

# needs_python MODULE...: ends the step unless CI's Python has these modules.
needs_python() {
    local module
    for module in "$@"; do
        "$S3STREAM_VENV/bin/python" -c "import $module" 2>/dev/null ||
            skip_step "${0##*/}: Python has no $module here (.ci/run setup could not install it)"
    done
}

# pip_install PACKAGE...: into CI's Python.
pip_install() {
    [ -x "$S3STREAM_VENV/bin/pip" ] || python3 -m venv "$S3STREAM_VENV" || return
    "$S3STREAM_VENV/bin/pip" install --quiet "$@"
}

# python_wheel: builds the Python package as pip does, in CI's profile, and says where it is.
# What is built already is not built again.
python_wheel() {
    pip_install 'maturin>=1.9,<2' >&2 ||
        skip_step "${0##*/}: pip cannot install maturin here" >&2
    local wheels=$CARGO_TARGET_DIR/ci-wheels
    rm -rf "$wheels"
    PATH=$S3STREAM_VENV/bin:$PATH MATURIN_PEP517_ARGS="--profile dev" \
        "$S3STREAM_VENV/bin/pip" wheel --quiet --no-build-isolation --no-deps \
        --wheel-dir "$wheels" ./s3stream-py >&2
    echo "$wheels"/s3stream-*.whl
}

# interop_suite SERVER: the suite on one server; ends the step if there is no such server here.
interop_suite() {
    local status=0
    tests/interop/suite "$1" || status=$?
    [ "$status" != 77 ] || skip_step "interop on $1: it could not be installed here"
    return "$status"
}
