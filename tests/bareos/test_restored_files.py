"""What stands in the file system after a restore, and what is said of it, without a daemon."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from stand_in import Restoring

TOP = "@S3STREAM/bucket"


@pytest.fixture
def restoring(tmp_path: Path) -> Restoring:
    return Restoring(str(tmp_path / "where"))


def tree(restoring: Restoring) -> Dict[str, bytes]:
    """Contents of all files below, by name; none of them is a temporary one."""
    top = Path(restoring.where) / TOP
    return {str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}


def keys(restoring: Restoring) -> Dict[str, bytes]:
    """The same by key."""
    import s3stream

    return {s3stream.key_of(name): body for name, body in tree(restoring).items()}


#: A volume's names as of now, and as earlier versions gave them.
PLAIN, MARKED = ("a", "a/b", "a/b/c", "a/b/d/e", "a!"), ("a", "a%+/b", "a%+/b%+/c", "a%+/b%+/d/e")


@pytest.mark.parametrize("order", list(itertools.permutations(PLAIN)))
def test_a_file_and_a_directory_of_one_name_both_come_back_in_any_order(
    restoring: Restoring, order: Tuple[str, ...]
) -> None:
    for name in order:
        assert restoring.file(f"{TOP}/{name}", name.encode()) == restoring.fd.CF_EXTRACT
    assert keys(restoring) == {key: key.encode() for key in PLAIN}
    assert not restoring.fd.texts(restoring.fd.M_ERROR)


@pytest.mark.parametrize("order", list(itertools.permutations(MARKED)))
def test_names_that_earlier_versions_marked_come_back_in_any_order(
    restoring: Restoring, order: Tuple[str, ...]
) -> None:
    import s3stream

    for name in order:
        key = s3stream.key_of(name)
        assert restoring.file(f"{TOP}/{name}", key.encode()) == restoring.fd.CF_EXTRACT
    assert tree(restoring) == {name: s3stream.key_of(name).encode() for name in MARKED}


@pytest.mark.parametrize(
    "jobs",
    [
        # A full job, and what later ones saved of it, of one version or of two.
        [["a/b=1", "a/c=1"], ["a=2", "a/b=2"]],
        [["a/b=1", "a/c=1"], ["a=2", "a%+/b=2"]],
        [["a=1", "a%+/b=1", "a%+/c=1"], ["a/b=2"], ["a=3"]],
        [["a%+/c=1"], ["a/b=2"], ["a=3"], ["a%+/b=4", "a/b/c=4"]],
    ],
)
def test_the_newest_of_a_chain_is_what_is_there(restoring: Restoring, jobs: List[List[str]]) -> None:
    import s3stream

    newest = {}
    for name, body in (entry.split("=") for job in jobs for entry in job):
        assert restoring.file(f"{TOP}/{name}", body.encode()) == restoring.fd.CF_EXTRACT, name
        newest[s3stream.key_of(name)] = body.encode()
    assert keys(restoring) == newest


def test_what_was_there_stays_until_the_new_bytes_are(restoring: Restoring) -> None:
    path = Path(restoring.where) / TOP / "a"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"old")
    seen = {}

    def between(stage: str) -> None:
        seen[stage] = path.read_bytes()

    restoring.file(f"{TOP}/a", b"new", between=between)
    assert {stage: body for stage, body in seen.items() if body == b"new"} == {"close": b"new"}
    assert tree(restoring) == {"a": b"new"}


@pytest.mark.parametrize("ends", ["end_file", "end", "create"])
def test_a_file_that_breaks_off_leaves_the_old_one_and_nothing_else(
    restoring: Restoring, ends: str
) -> None:
    restoring.file(f"{TOP}/a", b"old")
    packet = restoring.packet(f"{TOP}/a", body=b"new")
    restoring.restore.create(packet)
    other = restoring.packet(f"{TOP}/b")
    end = getattr(restoring.restore, ends)
    end(*([other] if ends == "create" else []))
    restoring.restore.end()
    assert tree(restoring) == {"a": b"old"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_one_fatal_line(
    restoring: Restoring, monkeypatch: Any, number: int
) -> None:
    restoring.file(f"{TOP}/a", b"old")

    def write(descriptor: int, data: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", write)
    statuses = [restoring.file(f"{TOP}/{name}", b"new") for name in "abcdefgh"]
    assert statuses == [restoring.fd.CF_EXTRACT] + 7 * [restoring.fd.CF_SKIP]
    (said,) = restoring.fd.texts(restoring.fd.M_FATAL)
    assert os.strerror(number) in said and "/a cannot be written to its end" in said
    assert not restoring.fd.texts(restoring.fd.M_ERROR)
    assert tree(restoring) == {"a": b"old"}


def test_after_a_hundred_failures_they_are_only_counted(restoring: Restoring) -> None:
    (Path(restoring.where) / "@S3STREAM").mkdir(parents=True)
    (Path(restoring.where) / TOP).write_bytes(b"no directory")
    statuses = [restoring.file(f"{TOP}/x/{number}") for number in range(300)]
    # The daemon adds a line of its own where it is told of an error.
    assert statuses.count(restoring.fd.CF_ERROR) <= 100
    errors = restoring.fd.texts(restoring.fd.M_ERROR)
    assert len(errors) == 100
    assert all("Not a directory" in line for line in errors[:-1])
    restoring.restore.end()
    assert "failed 300" in restoring.fd.texts(restoring.fd.M_INFO)[-1]


def test_attributes_that_cannot_be_set_are_not_said_of_every_file(
    restoring: Restoring, monkeypatch: Any
) -> None:
    def setxattr(*_: Any, **__: Any) -> None:
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(os, "setxattr", setxattr)
    for number in range(300):
        restoring.file(f"{TOP}/{number}")
    assert len(restoring.fd.texts(restoring.fd.M_INFO)) == 100


def test_no_descriptor_is_left_open(restoring: Restoring) -> None:
    restoring.file(f"{TOP}/a/b/c")
    before = sorted(os.listdir("/proc/self/fd"))
    (Path(restoring.where) / TOP / "link").symlink_to("/")
    for name in ("a/b/c", "a/b/d", "link/x", "a/b/c/d", "a", "x/../y", "%+/x", "dir/"):
        restoring.file(f"{TOP}/{name}", replace="n")
        restoring.file(f"{TOP}/{name}", type=5)
    assert sorted(os.listdir("/proc/self/fd")) == before
    restoring.restore.end()
    assert len(os.listdir("/proc/self/fd")) == len(before) - 1
