#!/usr/bin/env bash
# Licences, banned crates and sources are as deny.toml says.
set -euo pipefail
source .ci/environment.sh

if ! command -v cargo-deny >/dev/null; then
    # Not optimised: it runs for a second, and is built in a quarter of the time. Then kept.
    CARGO_PROFILE_DEV_DEBUG=false CARGO_TARGET_DIR=$S3STREAM_TOOLS/target cargo install --quiet \
        cargo-deny --debug --locked --version '^0.20' --root "$S3STREAM_TOOLS" ||
        skip_step "deny: cargo-deny cannot be installed here"
    rm -rf "$S3STREAM_TOOLS/target"
fi
cargo deny --all-features --locked check bans licenses sources
not_run "deny advisories (needs the advisory database)"
