"""What a FileSet selects newly is taken by the next job, however old it is; its own rules count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness import Host, Result, Volume
from jobs import Jobs

DAY = 86400
#: Nothing is younger than this.
LATE = 4102444800


class Chain:
    """A job a day, each based on the one before it unless it says otherwise."""

    def __init__(self, host: Host, jobs: Jobs, directory: Path) -> None:
        self.host, self.jobs, self.directory = host, jobs, directory
        self.day = 0

    def run(self, level: str = "I", is_accurate: bool = False, **options: Any) -> List[str]:
        """The keys that the next day's job saved."""
        self.day += 1
        volume = Volume(self.directory / f"{self.day}")
        job = self.jobs.job(options=options, volume=volume.path, level=level)
        job["time"] = named(self.day)
        if level != "F":
            job.update(since=LATE, base=f"s3-backup.{named(self.day - 1)}_00")
        if is_accurate:
            job["accurate"] = [self.directory / f"{day}" for day in range(1, self.day)]
        (self.result,) = self.host.run(job)
        assert self.result.status.startswith("OK"), self.result.everything()
        return sorted(os.path.basename(e.name) for e in volume.entries() if e.type == 3)

    result: Result


def named(day: int) -> str:
    return f"2026-01-{day:02}_00.00.00"


@pytest.fixture
def chain(host: Host, jobs: Jobs, bucket: str, tmp_path: Path) -> Chain:
    for key, size in (("a1", 1), ("a2", 2000), ("b1", 1), ("b2", 2000)):
        jobs.server.put(bucket, key, b"x" * size)
    return Chain(host, jobs, tmp_path)


@pytest.mark.parametrize("is_accurate", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        ({"prefix": "a"}, {}, ["b1", "b2"]),
        ({"prefix": "a1"}, {"prefix": "a"}, ["a2"]),
        ({"include": "*1"}, {"include": "*1,b*"}, ["b2"]),
        ({"exclude": "*1"}, {"exclude": "a1"}, ["b1"]),
        ({"exclude": "a*"}, {}, ["a1", "a2"]),
        ({"min_size": "1K"}, {}, ["a1", "b1"]),
        ({"max_size": "1K"}, {"max_size": "10K"}, ["a2", "b2"]),
        ({"end_at": "a1"}, {"end_at": "b1"}, ["a2", "b1"]),
        ({"start_after": "b1"}, {"start_after": "a1"}, ["a2", "b1"]),
        ({"modified_before": "2000-01-01", "include": "*"}, {}, ["a1", "a2", "b1", "b2"]),
        ({"storage_classes_exclude": "STANDARD"}, {}, ["a1", "a2", "b1", "b2"]),
        ({}, {"prefix": "a"}, []),
        ({"include": "*1"}, {"include": "*1"}, []),
    ],
)
def test_what_is_newly_selected_is_taken_once(
    chain: Chain,
    bucket: str,
    is_accurate: bool,
    before: Dict[str, str],
    after: Dict[str, str],
    taken: List[str],
) -> None:
    chain.run("F", buckets=bucket, **before)
    assert chain.run("I", is_accurate, buckets=bucket, **after) == taken
    said = chain.result.says(f"not selected by the last backup, taken whatever their age: {len(taken)}")
    assert said == bool(taken)
    assert chain.run("I", is_accurate, buckets=bucket, **after) == []


def test_a_bucket_that_is_added_is_taken(chain: Chain, bucket: str) -> None:
    other = chain.jobs.server.new_bucket()
    chain.jobs.server.put(other, "c", b"x")
    chain.run("F", buckets=bucket)
    assert chain.run(buckets=f"{bucket},{other}") == ["c"]
    assert chain.run(buckets=f"{bucket},{other}") == []
    chain.jobs.server.remove_bucket(other)


def test_a_job_compares_with_its_base_and_no_other(chain: Chain, bucket: str) -> None:
    chain.run("F", buckets=bucket)
    assert chain.run(buckets=bucket, prefix="a") == []
    # What that one left out may have changed before it, and nobody saw that.
    assert chain.run(buckets=bucket) == ["b1", "b2"]


def test_what_grows_into_a_rule_of_age_is_newly_selected(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from s3stream.bareos.known import Known
    from s3stream.bareos.options import Options

    options = Options.parse({"modified_before": "1h"})
    jobs = [(f"s3-backup.{named(day)}_00", day * DAY) for day in (1, 2)]
    (first, then), (second, now) = jobs
    Known(str(tmp_path), first, "F", "", (options, ["b"], then)).write()
    known = Known(str(tmp_path), second, "I", first, (options, ["b"], now))
    # Half an hour old when the first job ran, and an hour and a half.
    ages = {1800: False, 5400: True}
    for age, is_covered in ages.items():
        entry = SimpleNamespace(key="k", size=1, _modified=(then - age) * 1_000_000)
        assert known.covers("b", entry) is is_covered


@pytest.mark.parametrize("is_accurate", [False, True])
def test_each_job_says_what_it_does_not_see(
    chain: Chain, bucket: str, is_accurate: bool
) -> None:
    chain.run("F", buckets=bucket)
    assert not chain.result.says("without Accurate")
    chain.run("I", is_accurate, buckets=bucket)
    said = chain.result.says("this job does not see what was deleted, nor what came", "INFO")
    assert said is not is_accurate
    assert not chain.result.texts("WARNING")


def test_a_base_that_is_not_known_is_said(chain: Chain, bucket: str, tmp_path: Path) -> None:
    chain.run("F", buckets=bucket)
    (tmp_path / "s3stream-s3-backup.selected").unlink()
    chain.run(buckets=bucket)
    assert chain.result.says("selected is not known here", "WARNING")
    assert chain.result.status == "OK"
    chain.run(buckets=bucket)
    assert not chain.result.texts("WARNING")


def test_a_selection_that_another_version_wrote_is_not_known(
    chain: Chain, bucket: str, tmp_path: Path
) -> None:
    chain.run("F", buckets=bucket)
    path = tmp_path / "s3stream-s3-backup.selected"
    path.write_text("no line of ours\n" + path.read_text().rstrip("\n") + "\tnot_yet=1\n")
    chain.run(buckets=bucket)
    assert chain.result.says("selected is not known here", "WARNING")


def test_without_accurate_the_margin_is_a_day(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"x")
    since = jobs.server.modified(bucket, "a") + DAY // 2
    job = jobs.job(options={"buckets": bucket}, level="I", since=since)
    plain, accurate = host.run(
        {**job, "volume": tmp_path}, {**job, "accurate": tmp_path, "job": "accurate"}
    )
    assert plain.saved == 1
    # The list of files says that it is unchanged: nothing is fetched to find that out.
    assert (accurate.saved, accurate.unchanged) == (0, 1)
    assert accurate.says("to the server: requests 3,"), accurate.everything()


@pytest.mark.parametrize("text", ["plain", "a\tb", "a\\tb", "\\", "\\\\\t\n", "é\\n\n=,", ""])
def test_whatever_an_option_says_is_remembered(text: str) -> None:
    from s3stream.bareos.known import _lines_of, _text_of

    line = {"job": "j", "level": "F", "at": 7, "buckets": ["b", "c"], "options": {"prefix": text}}
    assert _lines_of(_text_of(line) + _text_of(line)) == [line, line]


def test_nothing_of_ours_is_opened_through_a_link(
    chain: Chain, bucket: str, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    for kind in ("selected", "owed"):
        (tmp_path / f"s3stream-s3-backup.{kind}.new").symlink_to(precious)
    chain.run("F", buckets=bucket)
    assert precious.read_bytes() == b"precious"
    path = tmp_path / "s3stream-s3-backup.selected"
    assert path.stat().st_mode & 0o777 == 0o600 and not path.is_symlink()
    path.unlink()
    path.symlink_to(precious)
    chain.run(buckets=bucket)
    assert chain.result.says("Too many levels of symbolic links", "ERROR")
    assert precious.read_bytes() == b"precious"


def test_a_shard_without_objects_is_no_empty_bucket(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "b", b"x")
    shards: List[Dict[str, Any]] = [
        {"start_after": "m"},
        {"end_at": "a"},
        {"start_after": "m", "end_at": "z", "include": "b,nothing"},
        {"start_after": "a", "exclude": "b"},
    ]
    results = host.run(*(jobs.backup(tmp_path, buckets=bucket, **shard) for shard in shards))
    assert [result.status for result in results] == ["OK"] * 4
    assert results[0].says(f"there are no objects behind 'm' in bucket '{bucket}'", "INFO")
    assert results[1].says(f"there are no objects up to 'a' in bucket '{bucket}'", "INFO")
    assert results[3].says("the rules leave all objects out (exclude 1)", "INFO")


def test_the_file_sets_own_rules_are_obeyed_and_counted(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for key in ("a.tmp", "b.txt", "c.tmp", "d/e.txt", "f"):
        jobs.server.put(bucket, key, b"x")
    excluded = ["*.tmp", f"/@S3STREAM/{bucket}/d/e.txt"]
    volume = Volume(tmp_path / "volume")
    backup = {**jobs.backup(volume.path, buckets=bucket), "excluded": excluded}
    estimate = jobs.job("estimate", options={"buckets": bucket}, excluded=excluded)
    real, estimated = host.run(backup, estimate)
    assert [os.path.basename(name) for name in volume.files()] == ["b.txt", "f"]
    assert (real.status, estimated.saved) == ("OK", 2), real.everything()
    assert real.says("left out by rule: FileSet 3")
