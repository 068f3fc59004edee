# The same steps as `.ci/run`, which is the truth about them.

# All steps, in order.
ci:
    .ci/run

# Lists the steps.
steps:
    .ci/run --list

# Any steps by name: `just step fmt clippy`.
step +names:
    .ci/run {{names}}

# Formats the sources, which `fmt` only checks.
format:
    cargo fmt --all

fmt: (step "fmt")
scripts: (step "scripts")
deny: (step "deny")
clippy: (step "clippy")
test: (step "test")
doc: (step "doc")
boto3: (step "boto3")
interop: (step "interop-embedded" "interop-radosgw" "interop-rclone")
real-tree: (step "real-tree")
examples: (step "examples")

# A shell beside a throw-away server: `just server radosgw`.
server name="embedded":
    tests/interop/with-server {{name}} -- bash
