"""Servers for the tests of the Python package, and what waits for conditions."""

from __future__ import annotations

import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from servers import Embedded, Stalling  # noqa: E402


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """Nothing of the surroundings may lead a client anywhere."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    # Nor to the address at which a virtual machine would find keys.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """Whoever is started in the background of a script has SIGINT ignored, as have children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def server():
    """A server with `bucket`: 300 keys of one byte, `big` of 8 MiB; pages of 100."""
    with Embedded("--bucket", "bucket", "--keys", "300", "--big", "8M", "--page-size", "100") as one:
        yield one


@pytest.fixture
def client(server):
    with server.client() as one:
        yield one


@pytest.fixture
def stalling():
    """A server that stops in the middle of every body until it is told to go on."""
    with Stalling() as one:
        yield one
