#!/usr/bin/env bash
# The Python package is typed without a gap, and its stubs are what is there at run time.
set -euo pipefail
source .ci/environment.sh

pip_install 'mypy>=1.18,<3' 'ruff==0.17.6' 'pyright>=1.1.380,<2' ||
    skip_step "stubs: pip cannot install mypy, ruff and pyright here"
wheel=$(python_wheel)
pip_install --no-deps --force-reinstall "$wheel"

cd s3stream-py
"$S3STREAM_VENV/bin/ruff" check python
"$S3STREAM_VENV/bin/ruff" format --check python
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
"$S3STREAM_VENV/bin/mypy" --strict --cache-dir "$cache" python/s3stream
# Examples of READMEs and docstrings are what people copy.
mkdir "$cache/examples"
"$S3STREAM_VENV/bin/python" ../tests/python/typed_examples.py "$cache/examples"
(
    cd "$cache/examples"
    "$S3STREAM_VENV/bin/mypy" --strict --cache-dir "$cache" .
    # pyright fetches a node of its own where there is none.
    if "$S3STREAM_VENV/bin/pyright" --version >/dev/null 2>&1; then
        "$S3STREAM_VENV/bin/pyright" --pythonpath "$S3STREAM_VENV/bin/python" .
    else
        not_run "pyright on the examples: it cannot start here"
    fi
)
# Away from the sources: what is compared is what was installed. The plugin is left out, which
# is typed in place and cannot be imported outside a file daemon.
cd "$cache"
# Every default of the settings is UNSET, of a type of its own: tests/python/test_client.py.
echo 's3stream\.settings\.Settings\.__init__' >allowed
"$S3STREAM_VENV/bin/python" -m mypy.stubtest --allowlist allowed s3stream._native s3stream.client s3stream.command \
    s3stream.errors s3stream.listing s3stream.names s3stream.objects s3stream.plan s3stream.reader \
    s3stream.report s3stream.settings s3stream.stream
