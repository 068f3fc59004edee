"""A distant server: two network namespaces, joined by TUN devices with a delay between them.

The kernel's own netem is not everywhere. `../distance/delay.c` moves the packets instead; it
needs root, iproute2, a C compiler and /dev/net/tun. All addresses are inside the namespaces,
which end with the block that made them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .plan import NotRun

SERVER_ADDRESS = "10.231.77.1"
CLIENT_ADDRESS = "10.231.77.2"
DEVICE = "t0"
# Large packets: the user-space link must not be the limit.
MTU = 9000


@dataclass(frozen=True)
class Link:
    """Both ends: what to put before a command so that it runs there."""

    server: list[str]
    client: list[str]
    address: str = SERVER_ADDRESS


@contextmanager
def link(source: Path, build: Path, round_trip_ms: float) -> Iterator[Link]:
    """A link of that round trip; `NotRun` where such a thing cannot be made."""
    for program in ("ip", "cc"):
        if not shutil.which(program):
            raise NotRun(f"a distant server needs the program {program}")
    if os.geteuid() != 0:
        raise NotRun("a distant server needs root, for network namespaces")
    if not Path("/dev/net/tun").exists():
        raise NotRun("a distant server needs /dev/net/tun")
    delay = build / "delay"
    _do("cc", "-O2", "-pthread", "-o", str(delay), str(source / "delay.c"))
    names = {"server": f"s3stream-s{os.getpid()}", "client": f"s3stream-c{os.getpid()}"}
    with ExitStack() as stack:
        for name in names.values():
            _do("ip", "netns", "add", name)
            stack.callback(_do, "ip", "netns", "del", name)
            _in(name, "ip", "link", "set", "lo", "up")
            _in(name, "ip", "tuntap", "add", "dev", DEVICE, "mode", "tun")
            _in(name, "ip", "link", "set", DEVICE, "mtu", str(MTU), "txqueuelen", "10000")
        ends = [names["server"], DEVICE, names["client"], DEVICE]
        stack.enter_context(_mover([str(delay), *ends, str(round_trip_ms / 2)]))
        addresses = {"server": SERVER_ADDRESS, "client": CLIENT_ADDRESS}
        for end, name in names.items():
            peer = CLIENT_ADDRESS if end == "server" else SERVER_ADDRESS
            _in(name, "ip", "addr", "add", addresses[end], "peer", peer, "dev", DEVICE)
            _in(name, "ip", "link", "set", DEVICE, "up")
        yield Link(
            server=["ip", "netns", "exec", names["server"]],
            client=["ip", "netns", "exec", names["client"]],
        )


@contextmanager
def _mover(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        if process.stdout.readline() != "ready\n":
            raise NotRun("the TUN devices could not be joined")
        yield
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _in(namespace: str, *command: str) -> None:
    _do("ip", "netns", "exec", namespace, *command)


def _do(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        said = done.stdout.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise NotRun(f"{' '.join(command[:3])}: {said[0]}")
