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
models: (step "models")
defences: (step "defences")
c: (step "c" "c-install" "c-bacula")
doc: (step "doc")
boto3: (step "boto3")
python: (step "python")
stubs: (step "stubs")
bareos: (step "bareos")
interop: (step "interop-embedded" "interop-radosgw" "interop-rclone" "interop-seaweedfs")
real-tree: (step "real-tree")
examples: (step "examples")

# s3stream beside its peers: a table, a page and their figures in target/bench.
bench *arguments:
    tests/bench/run {{arguments}}

# A shell beside a throw-away server: `just server radosgw`.
server name="embedded":
    tests/interop/with-server {{name}} -- bash
