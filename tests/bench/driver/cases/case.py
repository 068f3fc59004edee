"""What a case is, and the servers that cases run against."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from ..contenders import Contenders, Small
from ..distance import link
from ..plan import ENDPOINT, Contender, Goal, Metric, NotRun, Sizes
from ..programs import Programs
from ..servers import program, with_server

BUCKET = "bucket"
ROUND_TRIP_MS = 20.0
CONCURRENCY = 16
# The one large object of the synthetic server.
BIG_URL = f"{ENDPOINT}/{BUCKET}/big"
BIG = ["--bucket", BUCKET, "--key", "big"]

# The environment of the contenders, and what to put before their commands.
Place = tuple[dict[str, str], Sequence[str]]


@dataclass(frozen=True)
class Context:
    """What a case has at hand."""

    programs: Programs
    sizes: Sizes

    @property
    def make(self) -> Contenders:
        return Contenders(self.programs)


@dataclass(frozen=True)
class Case:
    """One comparison on one server."""

    name: str
    title: str
    # What is compared with what, in a sentence or two.
    about: str
    server: Callable[[Context], AbstractContextManager[Place]]
    contenders: Callable[[Context], list[Contender]]
    # The first is what the bars of the page show.
    metrics: Sequence[Metric]
    goals: Callable[[Context], list[Goal]]
    # At most so many rounds: it takes long.
    rounds: int | None = None


@contextmanager
def synthetic(context: Context, *options: str) -> Iterator[Place]:
    """Our server that stores nothing."""
    with program([context.programs.synthetic, *options]) as environment:
        yield environment, []


@contextmanager
def synthetic_tls(context: Context, *options: str) -> Iterator[Place]:
    """The same over TLS, by an authority of the moment."""
    certificates = context.programs.build / "tls"
    certificates.mkdir(exist_ok=True)
    with synthetic(context, *options, "--tls", str(certificates)) as place:
        yield place


@contextmanager
def embedded(context: Context, *options: str) -> Iterator[Place]:
    """Our server that keeps what it serves in memory."""
    command = [context.programs.embedded, "--bucket", BUCKET, *options]
    with program(command) as environment:
        yield environment, []


@contextmanager
def distant(context: Context, command: Sequence[str]) -> Iterator[Place]:
    """A server of ours, a round trip away."""
    source = context.programs.root / "tests/bench/distance"
    with link(source, context.programs.build, ROUND_TRIP_MS) as ends:
        there = [*ends.server, *command, "--address", ends.address]
        with program(there) as environment:
            yield environment, ends.client


@contextmanager
def radosgw(context: Context, small: Small) -> Iterator[Place]:
    """Ceph's RadosGW, filled with small objects."""
    with with_server(context.programs.root, "radosgw", {}) as environment:
        job = [*small.arguments(), "--size", str(small.size)]
        fill = [*context.programs.peer("fill.py"), *job]
        if subprocess.run(fill, env=environment).returncode != 0:
            raise NotRun("boto3 could not fill the server")
        yield environment, []
