"""Every key becomes a name that the daemon takes, and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest

from harness import Host, Volume
from jobs import Jobs


@pytest.fixture
def odd(server: Any, bucket: str) -> Dict[str, bytes]:
    """A bucket with 200 odd keys; what is stored under each."""
    import odd_keys

    stored = {key: odd_keys.content(index, key) for index, key in enumerate(odd_keys.keys())}
    for key, body in stored.items():
        server.put_exactly(bucket, key, body)
    return stored


def test_odd_keys_survive_backup_and_restore(
    every_host: Host, jobs: Jobs, bucket: str, odd: Dict[str, bytes], tmp_path: Path
) -> None:
    from s3stream.bareos import names

    volume, where = Volume(tmp_path / "volume"), tmp_path / "where"
    backup, restore = every_host.run(
        jobs.backup(volume.path, buckets=bucket), jobs.restore(volume.path, where)
    )
    assert backup.status == "OK", backup.everything()
    assert restore.status == "OK", restore.everything()
    found = {names.object_of(entry.name): entry.content for entry in volume.entries()}
    assert found == {(bucket, key): body for key, body in odd.items()}
    # The files on disk say the same: their names alone give the keys back.
    restored = {
        names.object_of("/" + str(path.relative_to(where))): path.read_bytes()
        for path in where.rglob("*")
        if path.is_file()
    }
    assert restored == found


def test_names_hold_nothing_that_the_daemon_dies_of(
    host: Host, jobs: Jobs, bucket: str, odd: Dict[str, bytes], tmp_path: Path
) -> None:
    volume = Volume(tmp_path / "volume")
    host.run(jobs.backup(volume.path, buckets=bucket))
    for entry in volume.entries():
        entry.name.encode("utf-8")
        pieces = entry.name.split("/")[1:]
        assert all(piece not in ("", ".", "..") and len(piece.encode()) <= 255 for piece in pieces)
        assert not any(ord(character) < 32 for character in entry.name)


def test_an_ordinary_key_is_its_own_name() -> None:
    from s3stream.bareos.names import BucketNames, object_of

    names = BucketNames("photos")
    assert names.name("2026/a b.jpg") == "/@S3STREAM/photos/2026/a b.jpg"
    assert object_of("/@S3STREAM/photos/2026/a b.jpg") == ("photos", "2026/a b.jpg")
    for foreign in ("/etc/passwd", "/@S3STREAM/photos", "/@S3STREAM/photos/../x"):
        assert object_of(foreign) is None


def test_a_name_that_is_not_utf8_is_never_given_to_the_daemon() -> None:
    from s3stream.bareos.names import BucketNames

    with pytest.raises((UnicodeError, TypeError)):
        BucketNames("b").name("a\udcff")


def test_shards_give_the_names_that_one_listing_gives(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    keys = ["a", "a-b", "a.b/c", "a/", "a/b", "a/b/c", "a0", "b", "b/c"]
    for key in keys:
        jobs.server.put_exactly(bucket, key, key.encode())
    whole = Volume(tmp_path / "whole")
    host.run(jobs.backup(whole.path, buckets=bucket))
    for cut in [*keys[:-1], "a,", "a-", "a/a"]:
        first, second = Volume(tmp_path / "first"), Volume(tmp_path / "second")
        results = host.run(
            jobs.backup(first.path, buckets=bucket, end_at=cut),
            jobs.backup(second.path, buckets=bucket, start_after=cut),
        )
        assert [result.status for result in results] == ["OK", "OK"], cut
        parts = [entry.name for volume in (first, second) for entry in volume.entries()]
        assert parts == [entry.name for entry in whole.entries()], cut
