"""The servers: processes of their own, ended with the block that started them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .plan import NotRun

# Passed on to contenders; nothing else of the surroundings may lead them to another server.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
# What with-server exits with if there is no such server here.
NOT_HERE = 77

# Prints its environment, then waits for its standard input to end.
HOLD = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"


def surroundings() -> dict[str, str]:
    """The environment of a contender, without a server."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
        "no_proxy": "*",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextmanager
def program(command: Sequence[str]) -> Iterator[dict[str, str]]:
    """One of our servers' programs; its environment. It ends with its standard input."""
    process = subprocess.Popen(
        [*command, "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        environment = surroundings()
        if not process.stdout.readline().startswith("ready "):
            raise NotRun(f"{Path(command[0]).name} did not start")
        # Everything after the first line is written at once, and ends with these.
        last = "AWS_CA_BUNDLE" if "--tls" in command else "AWS_REGION"
        while last not in environment:
            line = process.stdout.readline()
            if not line:
                raise NotRun(f"{Path(command[0]).name} ended early")
            name, _, value = line.strip().partition("=")
            environment[name] = value
        yield environment
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


@contextmanager
def with_server(root: Path, name: str, extra: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A real server, by tests/interop/with-server; its environment."""
    script = root / "tests/interop/with-server"
    process = subprocess.Popen(
        [str(script), name, "--", sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **extra},
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            status = process.wait()
            why = "could not be installed" if status == NOT_HERE else "did not start"
            raise NotRun(f"{name} {why} here")
        said = json.loads(line)
        names = [name for name in said if name.startswith(("AWS_", "S3STREAM_"))]
        yield {**surroundings(), **{name: said[name] for name in names}}
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
