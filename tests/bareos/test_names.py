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


NEIGHBOURS = ["a", "a-b", "a.b/c", "a/", "a/b", "a/b/c", "a0", "b", "b/c"]


def test_a_name_does_not_depend_on_what_else_is_there(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for key in NEIGHBOURS:
        jobs.server.put_exactly(bucket, key, key.encode())
    for cut in [*NEIGHBOURS[:-1], "a,", "a-", "a/a"]:
        first, second = Volume(tmp_path / "first"), Volume(tmp_path / "second")
        results = host.run(
            jobs.backup(first.path, buckets=bucket, end_at=cut),
            jobs.backup(second.path, buckets=bucket, start_after=cut),
        )
        assert [result.status for result in results] == ["OK", "OK"], cut
        parts = [entry.name for volume in (first, second) for entry in volume.entries()]
        beginning = f"/@S3STREAM/{bucket}/"
        assert parts == [beginning + key + ("%_" if key[-1] == "/" else "") for key in NEIGHBOURS]
        # A shard asks for nothing that is not its own: the buckets, its pages, its objects. The
        # last page of a bucket is asked for once more, behind its last key.
        requests = [1 + pages + result.saved for pages, result in zip((1, 2), results)]
        for result, count in zip(results, requests):
            assert result.says(f"to the server: requests {count},"), result.everything()


def test_what_appears_or_vanishes_beside_an_object_changes_nothing_of_it(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a/b", b"1")
    now = jobs.server.modified(bucket, "a/b")
    volumes = [Volume(tmp_path / f"{day}") for day in range(3)]
    host.run(jobs.backup(volumes[0].path, buckets=bucket))
    jobs.server.put(bucket, "a", b"file")
    jobs.server.put(bucket, "a/b", b"2")
    host.run(jobs.changes(volumes[1].path, now, buckets=bucket))
    jobs.server.delete(bucket, ["a"])
    jobs.server.put(bucket, "a/b", b"3")
    host.run(jobs.changes(volumes[2].path, now, buckets=bucket))
    # The director restores the newest of each name: here, all that any job saved, in order.
    where = tmp_path / "where"
    results = host.run(*(jobs.restore(volume.path, where) for volume in volumes))
    assert {result.status for result in results} == {"OK"}
    top = where / "@S3STREAM" / bucket
    assert (top / "a").read_bytes() == b"file" and (top / "a%+/b").read_bytes() == b"3"
    names = {entry.name for volume in volumes for entry in volume.entries()}
    assert names == {f"/@S3STREAM/{bucket}/a", f"/@S3STREAM/{bucket}/a/b"}


def test_names_of_earlier_versions_are_known_by_their_keys() -> None:
    from s3stream.bareos.names import object_of, present

    old = "/@S3STREAM/photos/a%+/b%+/c"
    assert object_of(old) == ("photos", "a/b/c") and present(old) == "/@S3STREAM/photos/a/b/c"
    for name in ("/@S3STREAM/photos/a/b", "/etc/a%+/b", "/@S3STREAM/photos/50%25/x"):
        assert present(name) == name


def test_objects_that_the_console_hides_are_told_of(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for key in ("a!", "a-b", "b", "c/d"):
        jobs.server.put(bucket, key, b"x")
    (none,) = host.run(jobs.backup(tmp_path, buckets=bucket))
    for key in ("a", "a/b", "a/c/d", "c"):
        jobs.server.put(bucket, key, b"x")
    (three,) = host.run(jobs.backup(tmp_path, buckets=bucket))
    assert (none.status, none.texts("WARNING")) == ("OK", [])
    (said,) = three.texts("WARNING")
    assert three.status == "OK" and "3 objects are below another one, as a/b is below a" in said
