"""The Python package among Python's other clients."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..contenders import BOTO3, MINIO, OBSTORE, OPENDAL, PYTHON_PEERS, S3TORCH, Small
from ..goals import against
from ..plan import Contender, Goal, Metric, Role
from .case import BIG, BUCKET, CONCURRENCY, Case, Context, Place, synthetic

INTO, READ, STREAM = "s3stream readinto(256 KiB)", "s3stream read(64 KiB)", "s3stream stream"


def big_server(context: Context) -> AbstractContextManager[Place]:
    return synthetic(context, "--big", str(context.sizes.python_big))


def big(context: Context) -> list[Contender]:
    make, size = context.make, context.sizes.python_big
    into = ["readinto-one", *BIG, "--buffer", "256"]
    read = ["read-one", *BIG, "--buffer", "64"]
    files = ["read-one-file", *BIG, "--buffer", "256"]
    return [
        make.package(INTO, into, 1, size),
        make.package(READ, read, 1, size),
        *[
            make.python(peer, "readinto(256 KiB)", into, 1, size)
            for peer in (BOTO3, OPENDAL, MINIO)
        ],
        *[make.python(peer, "read(64 KiB)", read, 1, size) for peer in (BOTO3, OPENDAL, MINIO)],
        make.python(OBSTORE, "stream(64 KiB)", read, 1, size),
        make.python(OBSTORE, "open_reader", files, 1, size),
        make.python(S3TORCH, "its own pieces", read, 1, size),
    ]


def big_goals(_: Context) -> list[Goal]:
    return [
        Goal(
            f"CPU of {name.removeprefix('s3stream ')} beside the best peer",
            against(Role.PEER, name, Metric.CPU),
            bound=1,
            is_at_least=False,
        )
        for name in (INTO, READ)
    ]


def small_server(context: Context) -> AbstractContextManager[Place]:
    sizes = context.sizes
    return synthetic(context, "--objects", str(sizes.small), "--size", str(sizes.object))


def small(context: Context) -> list[Contender]:
    make = context.make
    wanted = Small(BUCKET, "", 10, context.sizes.small, context.sizes.object)
    size = wanted.count * wanted.size
    # All but the one large object, whose key is no number.
    place = ["--bucket", BUCKET, "--prefix", "0"]
    stream = ["stream", *place, "--concurrency", str(CONCURRENCY)]
    job = ["concurrent", *wanted.arguments(), "--concurrency", str(CONCURRENCY)]
    return [
        make.package(STREAM, stream, wanted.count, size),
        *[make.python(peer, f"x {CONCURRENCY}", job, wanted.count, size) for peer in PYTHON_PEERS],
    ]


def small_goals(_: Context) -> list[Goal]:
    of = against(Role.PEER, STREAM, Metric.OBJECTS)
    return [Goal("objects/s beside the best peer", of, bound=1, is_at_least=True)]


CASES = [
    Case(
        "python-big",
        "Python: one large object",
        "One object by `readinto` and by `read`, beside Python's other clients; only s3stream "
        "proves what it read.",
        big_server,
        big,
        [Metric.CPU, Metric.RATE, Metric.MEMORY],
        big_goals,
    ),
    Case(
        "python-small",
        "Python: small objects",
        "`for reader in client.stream(...)` over a listing, beside Python's other clients, "
        "which are told the keys and need not keep the order.",
        small_server,
        small,
        [Metric.OBJECTS, Metric.CPU_OBJECT, Metric.MEMORY],
        small_goals,
    ),
]
