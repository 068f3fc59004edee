"""One large object: what a byte costs."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..contenders import BOTO3, OBSTORE, PYTHON_PEERS, S3TORCH, Contenders
from ..goals import against, ratio
from ..plan import CA_BUNDLE, Contender, Goal, Metric, Proof, Role
from .case import (
    BIG,
    BIG_URL,
    BUCKET,
    ROUND_TRIP_MS,
    Case,
    Context,
    Place,
    distant,
    synthetic,
    synthetic_tls,
)

METRICS = [Metric.CPU, Metric.RATE, Metric.MEMORY]
RECV = "bare recv()"
LENGTH, PROVEN = "s3stream, length", "s3stream, CRC64NVME"
STREAMED = "s3stream, streamed"
ALONE, RANGES = "s3stream, one connection", "s3stream, ranges"


def ours(make: Contenders, size: int) -> list[Contender]:
    unverified = ["read-one", *BIG, "--integrity", "length"]
    return [
        make.ours(LENGTH, unverified, 1, size),
        make.ours(PROVEN, ["read-one", *BIG], 1, size),
    ]


def go_programs(
    make: Contenders, size: int, s5cmd: list[str], rclone: list[str]
) -> list[Contender]:
    expected = {"objects": 1, "bytes": size}
    return [
        make.s5cmd("cat", [*s5cmd, "cat", f"s3://{BUCKET}/big"], Proof.OUTPUT_BYTES, **expected),
        make.rclone("cat", ["cat", *rclone, f":s3:{BUCKET}/big"], Proof.OUTPUT_BYTES, **expected),
    ]


def alone(size: int) -> list[str]:
    """A bucket with nothing but that: rclone lists it all before it reads."""
    return ["--objects", "0", "--big", str(size)]


def plain_server(context: Context) -> AbstractContextManager[Place]:
    return synthetic(context, *alone(context.sizes.big))


def plain(context: Context) -> list[Contender]:
    make, size = context.make, context.sizes.big
    return [
        make.limit(RECV, ["recv", BIG_URL], 1, size),
        *ours(make, size),
        make.ours(STREAMED, ["stream", "--bucket", BUCKET], 1, size),
        make.curl([BIG_URL], size),
        *[make.python(peer, "", ["read-one", *BIG], 1, size) for peer in PYTHON_PEERS],
        *go_programs(make, size, [], []),
    ]


def plain_goals(_: Context) -> list[Goal]:
    cpu = Metric.CPU
    unverified, verified = (f"CPU beside a bare recv() loop, {how}" for how in HOW)
    best = against(Role.PEER, PROVEN, cpu)
    return [
        Goal(unverified, ratio(LENGTH, RECV, cpu), bound=1.5, is_at_least=False),
        Goal(verified, ratio(PROVEN, RECV, cpu), bound=2.2, is_at_least=False),
        Goal(f"{verified}, by a stream", ratio(STREAMED, RECV, cpu), bound=2.2, is_at_least=False),
        Goal("CPU beside the best peer, verified", best, bound=1, is_at_least=False),
    ]


HOW = ("unverified", "verified by CRC64NVME")


def tls_server(context: Context) -> AbstractContextManager[Place]:
    return synthetic_tls(context, *alone(context.sizes.big))


def tls(context: Context) -> list[Contender]:
    make, size = context.make, context.sizes.big
    return [
        *ours(make, size),
        make.curl(["--cacert", CA_BUNDLE, BIG_URL], size),
        # The others cannot be told whom to trust.
        *[make.python(peer, "", ["read-one", *BIG], 1, size) for peer in (BOTO3, OBSTORE)],
        *go_programs(make, size, ["--no-verify-ssl"], ["--ca-cert", CA_BUNDLE]),
    ]


def tls_goals(_: Context) -> list[Goal]:
    return [
        Goal(
            f"CPU over TLS beside curl, {how}",
            ratio(name, "curl", Metric.CPU),
            bound=1.15,
            is_at_least=False,
        )
        for how, name in zip(HOW, (LENGTH, PROVEN), strict=True)
    ]


def slow_server(context: Context) -> AbstractContextManager[Place]:
    sizes = context.sizes
    big = [*alone(sizes.distant_big), "--connection-rate", str(sizes.connection_rate)]
    return distant(context, [context.programs.synthetic, *big])


def ranges(context: Context) -> list[Contender]:
    make, size = context.make, context.sizes.distant_big
    return [
        make.limit(RECV, ["recv", BIG_URL], 1, size),
        # A window that has no room for a second range.
        make.ours(ALONE, ["read-one", *BIG, "--set", "window=262144"], 1, size),
        # How many connections pay is found out by the reader itself.
        make.ours(RANGES, ["read-one", *BIG], 1, size),
        make.python(BOTO3, "", ["read-one", *BIG], 1, size),
        make.python(S3TORCH, "", ["read-one", *BIG], 1, size),
        *go_programs(make, size, [], []),
    ]


def ranges_goals(_: Context) -> list[Goal]:
    of = ratio(RANGES, ALONE, Metric.RATE)
    return [Goal("parallel ranges beside one connection", of, bound=3, is_at_least=True)]


CASES = [
    Case(
        "big",
        "One large object",
        "One object over plain HTTP into the caller's buffer of 256 KiB; the peers read 64 KiB "
        "at once or what they like best. None of the peers proves what it read.",
        plain_server,
        plain,
        METRICS,
        plain_goals,
    ),
    Case(
        "big-tls",
        "One large object over TLS",
        "The same, encrypted; curl writes into /dev/null.",
        tls_server,
        tls,
        METRICS,
        tls_goals,
    ),
    Case(
        "ranges",
        f"One large object from {ROUND_TRIP_MS:.0f} ms away",
        "A server that gives one connection only so much.",
        slow_server,
        ranges,
        [Metric.RATE, Metric.CPU, Metric.MEMORY],
        ranges_goals,
    ),
]
