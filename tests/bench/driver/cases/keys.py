"""Listings, and a bucket that is too large to be held in memory."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from ..contenders import BOTO3, MINIO, OBSTORE, OPENDAL, S3TORCH
from ..goals import bound, ratio
from ..plan import Contender, Goal, Metric, Proof, Results
from .case import BUCKET, Case, Context, Place, embedded, synthetic

ALL, FEW, TENTH = "s3stream", "s3stream, few keys", "s3stream, fewer"
# A key that `--keys` makes is `keys/` and so many digits.
DIGITS = 10


def beginning(count: int) -> str:
    """The prefix that the first `count` numbers have in common, a power of ten of them."""
    return "0" * (DIGITS - len(str(count)) + 1)


def key_server(context: Context) -> AbstractContextManager[Place]:
    return embedded(context, "--keys", str(context.sizes.keys))


def listing(context: Context) -> list[Contender]:
    make, sizes = context.make, context.sizes
    place = ["list", "--bucket", BUCKET, "--prefix"]
    few, some = sizes.few_keys, sizes.peer_keys
    # The peers are slow: a part of the keys tells as much.
    part = [*place, f"keys/{beginning(some)}"]
    note = f"{some:,} keys"
    s5cmd = ["ls", f"s3://{BUCKET}/keys/{beginning(some)}*"]
    rclone = ["lsf", "--recursive", "--files-only", f":s3:{BUCKET}/keys"]
    # Bytes that they tell: OpenDAL's entries have no size.
    partly = [(BOTO3, some), (OPENDAL, 0), (MINIO, some), (S3TORCH, some)]
    return [
        make.ours(ALL, [*place, "keys/"], sizes.keys, sizes.keys),
        make.ours(FEW, [*place, f"keys/{beginning(few)}"], few, few),
        make.package("s3stream (Python)", [*place, "keys/"], sizes.keys, sizes.keys),
        *[make.python(peer, "", part, some, size, note=note) for peer, size in partly],
        # Its prefixes are whole segments of a path.
        make.python(OBSTORE, "", [*place, "keys"], sizes.keys, sizes.keys),
        replace(make.s5cmd("ls", s5cmd, Proof.OUTPUT_LINES, objects=some), note=note),
        make.rclone("lsf", rclone, Proof.OUTPUT_LINES, objects=sizes.keys),
    ]


def listing_goals(context: Context) -> list[Goal]:
    def more_memory(results: Results) -> float:
        return results.median(ALL, Metric.MEMORY) - results.median(FEW, Metric.MEMORY)

    keys, few = context.sizes.keys, context.sizes.few_keys
    more = f"more memory for {keys:,} keys than for {few:,}"
    return [
        Goal("keys/s beside boto3", ratio(ALL, "boto3", Metric.KEYS), bound=10, is_at_least=True),
        Goal("CPU a key", bound(ALL, Metric.CPU_KEY), bound=5, is_at_least=False, unit="us"),
        Goal(more, more_memory, bound=10, is_at_least=False, unit="MiB"),
    ]


def many_server(context: Context) -> AbstractContextManager[Place]:
    sizes = context.sizes
    return synthetic(context, "--objects", str(sizes.many), "--size", str(sizes.object))


def many(context: Context) -> list[Contender]:
    make, sizes = context.make, context.sizes
    place = ["stream", "--bucket", BUCKET, "--prefix"]
    fewer = [*place, beginning(sizes.many_fewer)]
    # All but the one large object, whose key is no number.
    every = [*place, "0"]
    return [
        make.ours(TENTH, fewer, sizes.many_fewer, sizes.many_fewer * sizes.object),
        make.ours(ALL, every, sizes.many, sizes.many * sizes.object),
    ]


def many_goals(context: Context) -> list[Goal]:
    def growth(results: Results) -> float:
        return results.median(ALL, Metric.MEMORY) - results.median(TENTH, Metric.MEMORY)

    many, fewer = context.sizes.many, context.sizes.many_fewer
    text = f"more memory for {many:,} objects than for {fewer:,}"
    return [Goal(text, growth, bound=4, is_at_least=False, unit="MiB")]


CASES = [
    Case(
        "list",
        "A listing",
        "Keys of the embedded server, in pages of 1,000. The slower peers list a part of them.",
        key_server,
        listing,
        [Metric.KEYS, Metric.CPU_KEY, Metric.MEMORY],
        listing_goals,
    ),
    Case(
        "many",
        "A bucket of millions",
        "Listed and streamed from a server that stores nothing: memory must not grow.",
        many_server,
        many,
        [Metric.OBJECTS, Metric.CPU_OBJECT, Metric.MEMORY, Metric.SECONDS],
        many_goals,
        rounds=1,
    ),
]
