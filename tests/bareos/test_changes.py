"""Incremental and accurate jobs: what is fetched, what is only offered, what is deleted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

from harness import Host, Volume
from jobs import Jobs

DAY = 86400


def requests(texts: List[str]) -> int:
    (line,) = [text for text in texts if "to the server: requests" in text]
    return int(line.split("requests ")[1].split(",")[0].replace(",", ""))


def test_what_is_old_is_offered_without_a_request(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for number in range(20):
        jobs.server.put(bucket, f"{number:02}", b"x" * 100)
    now = jobs.server.modified(bucket, "19")
    none, all_ = (
        host.run(jobs.changes(Volume(tmp_path / "v").path, since, buckets=bucket))[0]
        for since in (now + DAY, now - DAY)
    )
    assert (none.status, none.files, none.saved, none.unchanged) == ("OK", 20, 0, 20)
    assert requests(none.texts()) == 3 and none.says("unchanged 20")
    assert (all_.status, all_.saved, all_.unchanged) == ("OK", 20, 0)
    assert requests(all_.texts()) == 23


def test_the_margin_takes_a_clock_that_is_behind_into_account(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"x")
    since = jobs.server.modified(bucket, "a") + 30
    lost, found = (
        host.run(jobs.changes(Volume(tmp_path / "v").path, since, buckets=bucket, since_margin=m))[
            0
        ]
        for m in ("0s", "1m")
    )
    assert (lost.saved, found.saved) == (0, 1)


def test_accurate_sees_deletions_and_what_kept_size_and_second(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for key in ("kept", "changed", "gone"):
        jobs.server.put(bucket, key, b"1")
    full = Volume(tmp_path / "full")
    host.run(jobs.backup(full.path, buckets=bucket))
    jobs.server.put(bucket, "changed", b"2")
    jobs.server.put(bucket, "new", b"3")
    jobs.server.delete(bucket, ["gone"])
    # As if all of it had happened within the second of the first backup.
    path = full.path / "catalogue"
    now = {name: jobs.server.modified(bucket, name) for name in ("kept", "changed")}
    text = path.read_text()
    for line in text.splitlines():
        words = line.split()
        if words[0] == "file" and bytes.fromhex(words[8]).decode().endswith("/changed"):
            words[5] = words[6] = str(now["changed"])
            text = text.replace(line, " ".join(words))
    path.write_text(text)
    changes = Volume(tmp_path / "changes")
    job = {**jobs.changes(changes.path, now["kept"] + DAY, buckets=bucket), "accurate": full.path}
    (result,) = host.run({**job, "accurate_options": "mcsi"})
    assert result.status == "OK", result.everything()
    assert [os.path.basename(name) for name in changes.files()] == ["changed", "new"]
    assert [os.path.basename(name) for name in changes.deleted()] == ["gone"]
    assert [entry.content for entry in changes.files().values()] == [b"2", b"3"]
    assert result.says("recorded as deleted: 1")


def test_accurate_takes_nothing_where_nothing_changed(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for number in range(10):
        jobs.server.put(bucket, f"{number}", b"x" * number)
    full, changes = Volume(tmp_path / "full"), Volume(tmp_path / "changes")
    host.run(jobs.backup(full.path, buckets=bucket))
    since = jobs.server.modified(bucket, "9") + DAY
    job = {**jobs.changes(changes.path, since, buckets=bucket), "accurate": full.path}
    (result,) = host.run({**job, "accurate_options": "mcsi"})
    # What the listing says of an object is what its reply had said, to the second.
    assert (result.status, result.unchanged, result.saved) == ("OK", 10, 0), result.everything()
    assert requests(result.texts()) == 3


def test_a_listing_that_breaks_off_deletes_nothing(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"x")
    full, changes = Volume(tmp_path / "full"), Volume(tmp_path / "changes")
    host.run(jobs.backup(full.path, buckets=bucket))
    closed = tmp_path / "closed"
    closed.write_text("access_key_id=nobody\nsecret_access_key=nothing\n")
    options = {"buckets": bucket, "defaults_file": closed}
    job = {**jobs.changes(changes.path, 1, **options), "accurate": full.path}
    (result,) = host.run(job)
    assert result.status == "Error" and changes.deleted() == []


def test_what_nobody_thought_likely_is_opened_when_the_daemon_asks(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"1")
    full = Volume(tmp_path / "full")
    host.run(jobs.backup(full.path, buckets=bucket))
    # Unknown to the catalogue and old: it is asked for although nobody thought it likely.
    jobs.server.put(bucket, "b", b"22")
    changes = Volume(tmp_path / "changes")
    since = jobs.server.modified(bucket, "b") + DAY
    job = {**jobs.changes(changes.path, since, buckets=bucket), "accurate": full.path}
    (result,) = host.run(job)
    assert (result.status, result.saved, result.unchanged) == ("OK", 1, 1), result.everything()
    assert changes.entries()[0].content == b"22"


def test_an_estimate_counts_what_is_young(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for number in range(5):
        jobs.server.put(bucket, f"{number}", b"x" * 1000)
    now = jobs.server.modified(bucket, "4")
    options = {"buckets": bucket, "since_margin": "0s"}
    young, old = (
        host.run(jobs.job("estimate", options=options, level="I", since=since))[0]
        for since in (now - DAY, now + DAY)
    )
    assert (young.status, young.saved, young.estimated_bytes) == ("OK", 5, 5000)
    # Nothing to take is no mistake in the rules.
    assert (old.status, old.saved, old.estimated_bytes) == ("OK", 0, 0), old.everything()
