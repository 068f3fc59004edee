"""One job of one Python client: its arguments, its clock, its line of JSON.

Every peer is a program of its own that does one job and exits. Imports and the making of the
client are not counted, so that a slow start of the interpreter is held against nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

NOT_HERE = 77


class NotHere(Exception):
    """This client, or this build of it, cannot do the job."""


@dataclass(frozen=True)
class Job:
    """What is to be done; not every job uses every field."""

    name: str
    bucket: str
    prefix: str
    digits: int
    objects: int
    key: str
    concurrency: int
    buffer: int

    def keys(self) -> Iterator[str]:
        return (f"{self.prefix}{number:0{self.digits}}" for number in range(self.objects))


# Objects or keys, and bytes.
Done = tuple[int, int]


def environment() -> dict[str, str]:
    """The server, as tests/bench/run sets it."""
    names = {
        "endpoint": "AWS_ENDPOINT_URL",
        "access_key": "AWS_ACCESS_KEY_ID",
        "secret_key": "AWS_SECRET_ACCESS_KEY",
        "region": "AWS_REGION",
    }
    return {name: os.environ[variable] for name, variable in names.items()}


def each(job: Job, get: Callable[[str], int]) -> Done:
    """Gets every object by `get`, one after another; `get` returns its length."""
    lengths = [get(key) for key in job.keys()]
    return len(lengths), sum(lengths)


def on_threads(job: Job, get: Callable[[str], int]) -> Done:
    """Gets every object by `get`, on as many threads as the job has concurrency."""
    with ThreadPoolExecutor(job.concurrency) as threads:
        lengths = list(threads.map(get, job.keys()))
    return len(lengths), sum(lengths)


def run(
    prepare: Callable[[Job], Any],
    jobs: dict[str, Callable[[Any, Job], Done]],
    is_peer: bool = True,
) -> None:
    """Does the job that the arguments name with what `prepare` makes, usually a client."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=sorted(jobs))
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--digits", type=int, default=6)
    parser.add_argument("--objects", type=int, default=0)
    parser.add_argument("--key", default="")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--buffer", type=int, default=64, help="KiB that the caller reads at once")
    job = Job(**vars(parser.parse_args()))
    try:
        client = prepare(job)
        wall, cpu = time.perf_counter(), cpu_seconds()
        objects, size = jobs[job.name](client, job)
        wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    except NotHere as error:
        print(error, file=sys.stderr)
        sys.exit(NOT_HERE)
    line = {"objects": objects, "bytes": size, "seconds": wall, "cpu": cpu, "note": ""}
    print(json.dumps(line), flush=True)
    if is_peer:
        # A peer's threads may abort an interpreter that ends (OpenDAL's do, now and then):
        # that would be another test's business.
        os._exit(0)


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
