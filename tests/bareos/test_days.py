"""Thirty days of a bucket in which keys appear and vanish beside each other.

A job a day, restored each day. What an accurate job leaves is the bucket as it was. Another one
says what it does not see: what was deleted, and what came in with a time before the one it names;
the rest is as it was in the bucket, and nothing else is missing or old.
"""

from __future__ import annotations

import calendar
import os
import random
import re
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import s3stream

from dated_server import Dated, DatedServer
from harness import Host, Volume
from jobs import Jobs

BUCKET = "bucket"
DAY, FIRST = 86_400, 1_700_000_000
DAYS = 30

#: Each is beside another one, or below it, or looks like the mark that keeps two apart on a disk.
KEYS = [
    "a", "a/b", "a/b/c", "a/", "a//b", "a!", "a.b", "a%+", "a%+/b", "a0", "a/b%+/c",
    "q", "q/r", "q/r/", "\N{LATIN SMALL LETTER E WITH ACUTE}/x", "\N{LATIN SMALL LETTER E WITH ACUTE}",
]  # fmt: skip


@pytest.fixture
def dated() -> Iterator[DatedServer]:
    server = DatedServer(BUCKET)
    yield server
    server.stop()


class Chain:
    """The jobs of one kind, one a day, and what a restore of the last of them must give."""

    def __init__(self, directory: Path, is_accurate: bool) -> None:
        self.directory = directory
        self.is_accurate = is_accurate
        self.name = f"s3-{'accurate' if is_accurate else 'plain'}"
        #: The volumes that a restore reads, and the days of their jobs; the full job's first.
        self.volumes: List[Volume] = []
        self.days: List[int] = []
        #: Content by key of each restore that these jobs promise, the full job's first.
        self.promised: List[Dict[str, bytes]] = []

    def job(self, jobs: Jobs, day: int, level: str) -> Dict[str, Any]:
        """The job of a day: incremental to the one before, differential to the full one."""
        if level != "I":
            del self.volumes[1:], self.days[1:], self.promised[1:]
        settings: Dict[str, Any] = {"job": self.name, "time": _time_of(day), "level": level}
        if self.days:
            settings["since"] = started(self.days[-1])
            settings["base"] = f"{self.name}.{_time_of(self.days[-1])}_00"
            if self.is_accurate:
                settings["accurate"] = [str(volume.path) for volume in self.volumes]
                settings["accurate_options"] = "mcsi"
        self.volumes.append(Volume(self.directory / f"{self.name}-{day}"))
        self.days.append(day)
        options = {"buckets": BUCKET, "anonymous": "yes", "defaults_file": None}
        return jobs.job(options=options, volume=self.volumes[-1].path, keep="yes", **settings)

    def promise(self, result: Any, objects: Dict[str, Dated]) -> None:
        """Takes down what this job says that it has, on top of what its base had."""
        assert result.status == "OK", result.everything()
        seen_from = None
        if len(self.days) > 1 and not self.is_accurate:
            (line,) = [text for text in result.texts() if "does not see what was deleted" in text]
            moment = re.search(r"with a time before (\S+ \S+)Z", line)
            assert moment is not None
            seen_from = calendar.timegm(time.strptime(moment[1], "%Y-%m-%d %H:%M:%S"))
        before = self.promised[-1] if seen_from is not None else {}
        seen = {k: o.body for k, o in objects.items() if seen_from is None or o.time >= seen_from}
        self.promised.append({**before, **seen})

    def restore(self, jobs: Jobs, where: Path) -> Dict[str, Any]:
        """A restore of the newest of each name in the chain."""
        merged = Volume(self.directory / f"{self.name}-merged-{self.days[-1]}")
        merge(self.volumes, merged)
        return jobs.restore(merged.path, where, job=f"restore-{self.name}")


def _time_of(day: int) -> str:
    return time.strftime("%Y-%m-%d_%H.%M.%S", time.gmtime(started(day)))


def started(day: int) -> int:
    """When the job of a day begins, by the director's clock."""
    return FIRST + day * DAY


def merge(volumes: List[Volume], into: Volume) -> None:
    """What the director chooses of a chain: the newest of each name, and nothing deleted."""
    found: Dict[str, List[str]] = {}
    for number, volume in enumerate(volumes):
        name = ""
        for line in (volume.path / "catalogue").read_text(encoding="ascii").splitlines():
            words = line.split(" ")
            if words[0] != "file":
                found[name].append(line)
                continue
            name = words[8]
            data = volume.path / f"data.{words[9]}"
            words[9] = f"{number:03}{int(words[9]):05}"
            found[name] = [" ".join(words)]
            if words[1] == "23":
                found[name] = []
            elif data.exists():
                os.link(data, into.path / f"data.{int(words[9])}")
    lines = [line for lines in found.values() for line in lines]
    (into.path / "catalogue").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def live_through(rng: random.Random, day: int, objects: Dict[str, Dated]) -> None:
    """What happens in the bucket between the job of the day before and that of this day."""
    for key in KEYS:
        fate = rng.random()
        if fate < 0.25:
            began = started(day) - rng.randrange(1, DAY)
            if rng.random() < 0.3:
                # A long upload: it has the time at which it began.
                began -= rng.randrange(3 * DAY)
            # Of few lengths, so that a change often keeps the size.
            body = b"%d" % rng.randrange(10 ** rng.randrange(1, 4))
            objects[key] = Dated(body, began)
        elif fate < 0.4:
            objects.pop(key, None)
    if not objects:
        objects["z"] = Dated(b"z", started(day) - 1)


def restored(where: Path) -> Dict[str, bytes]:
    """What is below a directory, by key."""
    top = where / "@S3STREAM" / BUCKET
    files = [path for path in top.rglob("*") if path.is_file()]
    return {s3stream.key_of(str(path.relative_to(top))): path.read_bytes() for path in files}


@pytest.mark.parametrize("seed", [1, 2])
def test_each_day_is_restored_as_it_was_or_as_the_job_said(
    host: Host, plugin: Path, tmp_path: Path, dated: DatedServer, seed: int
) -> None:
    rng = random.Random(seed)
    jobs = Jobs(dated, plugin, tmp_path)
    chains = [Chain(tmp_path, is_accurate) for is_accurate in (True, False)]
    unseen = 0
    for day in range(DAYS):
        live_through(rng, day, dated.objects)
        level = "F" if day == 0 else "D" if rng.random() < 0.15 else "I"
        results = host.run(*(chain.job(jobs, day, level) for chain in chains))
        for chain, result in zip(chains, results):
            chain.promise(result, dated.objects)
        places = [tmp_path / f"{chain.name}-where-{day}" for chain in chains]
        results = host.run(*(chain.restore(jobs, to) for chain, to in zip(chains, places)))
        now = {key: found.body for key, found in dated.objects.items()}
        for chain, result, where in zip(chains, results, places):
            assert result.status == "OK", result.everything()
            assert restored(where) == chain.promised[-1], f"day {day}, {chain.name}"
        assert chains[0].promised[-1] == now
        unseen += chains[1].promised[-1] != now
    # Or this would be no test of what is not seen.
    assert 0 < unseen < DAYS
