"""What the operator sees, and how the job ends, when the server or an object fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, List

import pytest

from harness import Host, Result, Volume
from jobs import Jobs
from server import FaultServer

Start = Callable[[str], FaultServer]


@pytest.fixture
def run(host: Host, plugin: Path, tmp_path: Path, fault_server: Start) -> Callable[..., Any]:
    """Runs one backup of the bucket of a transcript, one object at a time."""

    def run(name: str, **settings: Any) -> Any:
        server = fault_server(name)
        jobs = Jobs(server, plugin, tmp_path)
        options = {
            "buckets": "bucket",
            "concurrency": 1,
            "max_attempts": 4,
            "stall_timeout": 5,
            "retry_for": 0,
        }
        options.update(settings.pop("options", {}))
        volume = Volume(tmp_path / "volume")
        job = jobs.job(options=options, volume=volume.path, keep="yes", **settings)
        (result,) = host.run(job)
        server.stop()
        return result, volume

    return run


def names(volume: Volume) -> List[str]:
    return [os.path.basename(name) for name in volume.files()]


@pytest.mark.parametrize(
    ("transcript", "what", "said"),
    [
        ("object_vanishes_between_listing_and_reading", "vanished", "not found"),
        ("small_object_is_corrupt", "failed", "integrity"),
        ("object_is_archived", "failed", "archived"),
    ],
)
def test_what_fails_before_its_first_byte_leaves_no_entry(
    run: Callable[..., Any], transcript: str, what: str, said: str
) -> None:
    result, volume = run(transcript)
    assert names(volume) == ["a", "c"]
    assert result.status == "OK -- with warnings"
    again = "; the next job takes it again" if what == "failed" else ""
    assert result.says(f"not in this backup{again}", "ERROR"), result.everything()
    assert result.says("s3://bucket/b", "ERROR")
    assert result.says(said, "ERROR"), result.everything()
    assert result.says(f"{what} 1") and result.says("backed up 2")


def test_what_no_digest_proves_is_said_once_with_its_reason(run: Callable[..., Any]) -> None:
    result, volume = run("no_digest_is_offered")
    assert names(volume) == ["a", "b", "c"] and result.status == "OK"
    said = "1 of 3 objects is not proven by a digest: none offered 1"
    assert result.says(said, "WARNING"), result.everything()
    assert result.says("proven by: md5 2")
    said = [entry.attributes["user.s3stream.verdict"] for entry in volume.entries()]
    assert said == [b"md5", b"length: none offered", b"md5"]


def test_nobody_hears_of_it_who_does_not_want_to(run: Callable[..., Any]) -> None:
    result, volume = run("no_digest_is_offered", options={"require_proof": "no"})
    assert names(volume) == ["a", "b", "c"] and result.status == "OK"
    assert not result.says("not proven"), result.everything()


def test_where_proof_is_required_what_is_not_proven_has_failed(run: Callable[..., Any]) -> None:
    result, volume = run("no_digest_is_offered", options={"require_proof": "yes"})
    assert names(volume) == ["a", "c"] and result.status == "OK -- with warnings"
    assert result.says("require_proof=yes, but it is not proven (none offered)", "ERROR")
    assert result.says("failed 1") and result.says("backed up 2")


@pytest.mark.parametrize(
    ("transcript", "what", "stored"),
    [
        ("large_object_breaks_off", "failed", 100_000),
        ("object_changes_while_it_is_read", "changed", 100_000),
        ("large_object_is_corrupt", "failed", None),
    ],
)
def test_what_fails_behind_its_first_byte_is_an_error_and_marked(
    run: Callable[..., Any], transcript: str, what: str, stored: Any
) -> None:
    result, volume = run(transcript)
    assert names(volume) == ["a", "b", "c"]
    entry = volume.entries()[1]
    assert entry.stored == stored if stored else entry.stored < entry.size
    assert entry.attributes["user.s3stream.verdict"].startswith(b"failed: ")
    assert result.status == "OK -- with warnings"
    assert result.says("Read error on file", "ERROR")
    said = f"only its first {entry.stored:,} bytes are in this backup; the next job takes it again"
    assert result.says(said, "ERROR"), result.everything()
    assert result.says(f"{what} 1") and result.says("backed up 2")


@pytest.mark.parametrize(
    "transcript", ["object_vanishes_between_listing_and_reading", "large_object_breaks_off"]
)
def test_on_error_fail_fails_the_job_behind_the_last_object(
    run: Callable[..., Any], transcript: str
) -> None:
    result, volume = run(transcript, options={"on_error": "fail"})
    assert result.status == "Error" and "c" in names(volume)
    assert result.says("objects not backed up: 1, and on_error is 'fail'", "FATAL")


@pytest.mark.parametrize(
    ("transcript", "said"),
    [
        ("every_object_is_denied", "nothing was backed up: of 3 objects none could be read"),
        ("first_hundred_are_denied", "the first 100 objects could not be read, the last: open s3"),
        ("only_object_breaks_off", "nothing was backed up: of 1 objects none could be read"),
    ],
)
def test_total_failure_is_failure_and_no_base_of_later_jobs(
    run: Callable[..., Any], tmp_path: Path, transcript: str, said: str
) -> None:
    result, _ = run(transcript)
    assert result.status == "Error" and result.says(said, "FATAL"), result.everything()
    assert not list((tmp_path).glob("*.owed")) and not list(tmp_path.glob("*.selected"))


def test_a_bucket_that_is_emptied_meanwhile_is_no_failure(run: Callable[..., Any]) -> None:
    result, volume = run("every_object_vanishes")
    assert result.status == "OK -- with warnings" and names(volume) == []


def test_what_vanishes_may_be_ignored_and_is_counted_all_the_same(
    run: Callable[..., Any],
) -> None:
    options = {"on_vanished": "ignore", "on_error": "fail"}
    result, volume = run("object_vanishes_between_listing_and_reading", options=options)
    assert result.status == "OK", result.everything()
    assert names(volume) == ["a", "c"] and result.says("vanished 1, changed 0, failed 0")


def test_what_vanishes_and_is_ignored_counts_as_deleted_to_accurate_jobs(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    known = Volume(tmp_path / "known")
    name = "/@S3STREAM/bucket/b".encode().hex()
    (known.path / "catalogue").write_text(f"file 3 100600 1 1000 1 1 1000 {name} 0\n")
    settings = {"level": "I", "since": 1, "accurate": known.path}
    options = {"on_vanished": "ignore"}
    transcript = "object_vanishes_between_listing_and_reading"
    result, volume = run(transcript, options=options, **settings)
    assert (result.status, result.deleted) == ("OK", 1), result.everything()
    assert volume.deleted() == ["/@S3STREAM/bucket/b"]


@pytest.mark.parametrize(
    ("kinds", "streamed", "unchanged", "said"),
    [
        (["access_denied"] * 99, 0, 0, None),
        (["access_denied"] * 100, 0, 0, "the first 100 objects"),
        (["access_denied"] * 100, 1, 0, None),
        (["archived"] * 500, 0, 0, None),
        (["not_found"] * 500, 0, 0, None),
        (["connection"] * 20, 1, 0, "20 objects in a row"),
        (["connection"] * 19 + ["not_found"], 1, 0, None),
    ],
)
def test_a_job_ends_when_nothing_is_to_be_hoped_for(
    kinds: List[str], streamed: int, unchanged: int, said: Any
) -> None:
    health, told = watched(kinds, streamed, unchanged)
    assert [bool(line) for line in told[:-1]] == [False] * (len(told) - 1)
    assert said in told[-1] if said else told[-1] is None


@pytest.mark.parametrize(
    ("kinds", "streamed", "unchanged", "is_failure"),
    [
        ([], 0, 0, False),
        (["not_found"], 0, 0, False),
        (["access_denied"], 0, 0, True),
        (["archived"] * 3, 0, 0, True),
        (["integrity"], 0, 0, True),
        (["changed"], 0, 0, True),
        (["access_denied"], 1, 0, False),
        # One bad object of a bucket that is else as it was; and a server that died in it.
        (["integrity"], 0, 9, False),
        (["archived", "not_found"], 0, 9, False),
        (["connection"], 0, 9, True),
        (["archived", "access_denied"], 0, 9, True),
    ],
)
def test_nothing_read_is_a_failed_job(
    kinds: List[str], streamed: int, unchanged: int, is_failure: bool
) -> None:
    health, _ = watched(kinds, streamed, unchanged)
    assert (health.total_failure() is not None) is is_failure


def watched(kinds: List[str], streamed: int, unchanged: int) -> Any:
    """The health of a job in which objects failed so, and what was said at each."""
    from types import SimpleNamespace

    from s3stream.bareos.health import Health
    from s3stream.bareos.summary import Tally

    tally = Tally()
    tally.streamed, tally.unchanged = streamed, unchanged
    health, told = Health(tally, waits=False), []
    for kind in kinds:
        error = SimpleNamespace(kind=kind, is_outage=False)
        tally.lose(error)
        told.append(health.failed(error))
    return health, told


def test_a_restore_tells_what_was_not_whole(
    run: Callable[..., Any], host: Host, plugin: Path, tmp_path: Path
) -> None:
    _, volume = run("large_object_breaks_off")
    job = {
        "job": "s3-restore",
        "type": "restore",
        "module_path": plugin,
        "module_name": "bareos-fd-s3stream",
        "definition": "buckets=bucket:",
        "volume": volume.path,
        "where": tmp_path / "where",
    }
    (result,) = host.run(job)
    assert result.status == "OK -- with warnings"
    assert result.says("has 100,000 bytes and the object had 200,000", "ERROR")
    assert result.says("was not whole when it was backed up: failed: connection", "ERROR")


def test_a_listing_that_breaks_off_fails_the_job(run: Callable[..., Any]) -> None:
    result, _ = run("listing_breaks_off")
    assert result.status == "Error"
    assert result.says("the listing of bucket 'bucket' broke off", "FATAL")
    assert result.says("the job broke off before everything was listed", "INFO")


def test_a_server_that_is_away_ends_the_job(run: Callable[..., Any]) -> None:
    result, volume = run("server_goes_away", options={"max_attempts": 1})
    assert result.status == "Error" and names(volume) == []
    assert result.says("20 objects in a row could not be read", "FATAL")


def test_an_object_overwritten_after_its_listing_is_said(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    known = Volume(tmp_path / "known")
    (known.path / "catalogue").write_text("")
    settings = {"level": "I", "since": 4102444800, "accurate": known.path}
    result, volume = run("object_is_overwritten_after_its_listing", **settings)
    (entry,) = volume.entries()
    assert (entry.size, entry.stored) == (1000, 2000)
    assert result.status == "OK"
    assert result.says("was overwritten after it was listed", "WARNING")
    assert result.says("newer than their listing, backed up as read: 1")


def test_cancel_wakes_a_read_that_waits(run: Callable[..., Any]) -> None:
    result, _ = run("body_stalls_for_ever", cancel_at_read=1, options={"stall_timeout": 60})
    assert result.status == "Canceled"
    assert result.cancel_seconds < 0.5, result.everything()
    assert not result.says("internal error")
    assert result.says("the job was cancelled before everything was listed")


def test_the_page_says_in_which_of_several_buckets_an_object_failed(tmp_path: Path) -> None:
    from types import SimpleNamespace

    import s3stream
    from s3stream.bareos.messages import Messages
    from s3stream.bareos.options import Options
    from s3stream.bareos.records import Records

    said: List[str] = []
    fd = SimpleNamespace(M_INFO=6, M_ERROR=4, JobMessage=lambda kind, text: said.append(text))
    for buckets in (["left", "right"], ["right"]):
        records = Records(str(tmp_path), "job", buckets, Options.parse({}), Messages(fd))
        candidate = SimpleNamespace(bucket="right", name="/@S3STREAM/right/k")
        entry = s3stream.Object("k", size=1)
        reading = SimpleNamespace(candidate=candidate, entry=entry, is_opened=False, started=0.0)
        records.failed(reading, s3stream.NotFoundError("no such key"))
        records.close(1, None)
        page = (tmp_path / "job.html").read_text(encoding="utf-8")
        assert ("in bucket &#39;right&#39;" in page or "in bucket 'right'" in page) == (
            len(buckets) > 1
        ), said


def test_a_cancel_when_all_is_over_is_no_error(
    host: Host, plugin: Path, server: Any, bucket: str, tmp_path: Path
) -> None:
    server.put(bucket, "a", b"x")
    jobs = Jobs(server, plugin, tmp_path)
    (result,) = host.run(jobs.job(options={"buckets": bucket}, volume=tmp_path, late_cancel="yes"))
    assert result.status == "OK" and not result.says("internal error"), result.everything()


def test_a_long_object_is_told_of_every_five_minutes() -> None:
    from s3stream.bareos.reading import EVERY, Progress

    progress = Progress(1000.0)
    due = [second for second in range(1000, 3000, 50) if progress.is_due(float(second))]
    assert due == [1000 + int(EVERY) * number for number in range(1, 7)]


def test_a_cancelled_job_reads_no_further(
    host: Host, plugin: Path, server: Any, bucket: str, tmp_path: Path
) -> None:
    for number in range(10):
        server.put(bucket, f"{number}", b"x" * 300_000)
    jobs = Jobs(server, plugin, tmp_path)
    result: Result
    (result,) = host.run(jobs.job(options={"buckets": bucket}, volume=tmp_path, cancel_at_read=3))
    assert result.status == "Canceled" and result.saved < 10, result.everything()


def test_an_entry_of_the_listing_that_cannot_be_read_fails_alone(run: Callable[..., Any]) -> None:
    result, volume = run("key_is_not_utf8")
    assert names(volume) == ["a", "c"]
    assert result.status == "OK -- with warnings"
    assert result.says("s3://bucket/b%E9", "ERROR"), result.everything()
    assert result.says("not UTF-8: not in this backup", "ERROR"), result.everything()
    assert result.says("listed 3 objects") and result.says("failed 1")
    assert result.says("ends of listings: proven 1")
