"""Many small objects: latency, and what is made of it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..contenders import BOTO3, OBSTORE, Small
from ..goals import against, ratio
from ..plan import Contender, Goal, Metric, Results, Role
from .case import BUCKET, CONCURRENCY, ROUND_TRIP_MS, Case, Context, Place, distant, radosgw

# What some peers are given besides.
MORE = 4 * CONCURRENCY
METRICS = [Metric.OBJECTS, Metric.CPU_OBJECT, Metric.MEMORY]
ONE, MANY = "bare GETs x 1", f"bare GETs x {CONCURRENCY}"
OPEN, STREAM = "s3stream open", "s3stream stream"


def stored(context: Context) -> Small:
    return Small("s3stream", "small/", 6, context.sizes.small, context.sizes.object)


def on_radosgw(context: Context) -> AbstractContextManager[Place]:
    return radosgw(context, stored(context))


def local(context: Context) -> list[Contender]:
    make, small, slow = context.make, stored(context), context.sizes.small_slow
    size = small.count * small.size
    place = ["--bucket", small.bucket, "--prefix", small.prefix]
    stream = ["stream", *place, "--concurrency", str(CONCURRENCY)]
    flood = ["flood", *small.arguments(), "--connections"]
    one_by_one = ["open-each", *small.arguments(slow)]
    return [
        make.ours(OPEN, ["open-each", *small.arguments()], small.count, size),
        make.ours(STREAM, stream, small.count, size),
        make.package("s3stream (Python) stream", stream, small.count, size),
        make.python(
            BOTO3, "sequential", one_by_one, slow, slow * small.size, note=f"{slow} objects"
        ),
        *make.concurrent_peers(small, CONCURRENCY),
        # The server keeps each of them waiting: more at once is what they have against that.
        *make.concurrent_peers(small, MORE, (BOTO3, OBSTORE)),
        make.limit(ONE, [*flood, "1"], small.count, size),
        make.limit(MANY, [*flood, str(CONCURRENCY)], small.count, size),
    ]


def local_goals(_: Context) -> list[Goal]:
    speed, boto3 = Metric.OBJECTS, "boto3 sequential"
    alone = "one connection, no read-ahead: objects/s beside sequential boto3"
    ahead = "with read-ahead: objects/s beside sequential boto3"
    best = "with read-ahead: objects/s beside the best concurrent peer"
    return [
        Goal(alone, ratio(OPEN, boto3, speed), bound=35, is_at_least=True),
        Goal(ahead, ratio(STREAM, boto3, speed), bound=65, is_at_least=True),
        Goal(best, against(Role.PEER, STREAM, speed), bound=3, is_at_least=True),
    ]


def far_server(context: Context) -> AbstractContextManager[Place]:
    keys = ["--public", "--keys", str(context.sizes.distant)]
    return distant(context, [context.programs.embedded, "--bucket", BUCKET, *keys])


def far(context: Context) -> list[Contender]:
    make, sizes = context.make, context.sizes
    # What `--keys` puts there: one byte each.
    small, slow = Small(BUCKET, "keys/", 10, sizes.distant, 1), sizes.distant_slow
    place = ["--bucket", BUCKET, "--prefix", small.prefix]
    stream = ["stream", *place, "--concurrency", str(CONCURRENCY)]
    flood = ["flood", *small.arguments(), "--connections", str(CONCURRENCY)]
    return [
        make.ours(OPEN, ["open-each", *small.arguments(slow)], slow, slow),
        make.ours(STREAM, stream, small.count, small.count),
        make.package("s3stream (Python) stream", stream, small.count, small.count),
        *make.concurrent_peers(small, CONCURRENCY),
        make.limit(ONE, ["flood", *small.arguments(slow)], slow, slow),
        make.limit(MANY, flood, small.count, small.count),
    ]


def far_goals(_: Context) -> list[Goal]:
    def share(results: Results) -> float:
        # One connection gets one object a round trip.
        most = CONCURRENCY * results.median(ONE, Metric.OBJECTS)
        return results.median(STREAM, Metric.OBJECTS) / most

    text = f"with read-ahead: objects/s as a share of {CONCURRENCY} a round trip"
    return [Goal(text, share, bound=0.8, is_at_least=True)]


CASES = [
    Case(
        "small",
        "Small objects from RadosGW",
        "Objects of 4 KiB, one after another, from Ceph's RadosGW. s3stream's `stream` lists "
        "them too, as a backup does, and proves each; the peers are told the keys.",
        on_radosgw,
        local,
        METRICS,
        local_goals,
    ),
    Case(
        "small-distant",
        f"Small objects from {ROUND_TRIP_MS:.0f} ms away",
        "The same from the embedded server, behind a link with a delay: time is round trips.",
        far_server,
        far,
        METRICS,
        far_goals,
    ),
]
