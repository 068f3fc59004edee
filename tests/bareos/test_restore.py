"""A restore writes files with their times, attributes and bytes, and stays where it belongs."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Dict, List

import pytest

from harness import Host, Volume
from jobs import Jobs


def tree(where: Path, bucket: str) -> Dict[str, bytes]:
    """Contents of all files below, by name."""
    top = where / "@S3STREAM" / bucket
    return {str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}


@pytest.fixture
def backed_up(host: Host, jobs: Jobs, bucket: str, tmp_path: Path) -> Volume:
    jobs.server.put(bucket, "dir/a", b"first", ContentType="text/x-odd", Metadata={"k": "v"})
    jobs.server.put(bucket, "dir/empty", b"")
    jobs.server.put(bucket, "large", b"0123456789" * 100_000)
    volume = Volume(tmp_path / "volume")
    (result,) = host.run(jobs.backup(volume.path, buckets=bucket))
    assert result.status == "OK", result.everything()
    return volume


def test_files_come_back_with_bytes_times_mode_and_attributes(
    every_host: Host, jobs: Jobs, bucket: str, backed_up: Volume, tmp_path: Path
) -> None:
    where = tmp_path / "where"
    (result,) = every_host.run(jobs.restore(backed_up.path, where))
    assert result.status == "OK", result.everything()
    large = b"0123456789" * 100_000
    assert tree(where, bucket) == {"dir/a": b"first", "dir/empty": b"", "large": large}
    path = where / "@S3STREAM" / bucket / "dir/a"
    there = path.stat()
    assert there.st_mtime == jobs.server.modified(bucket, "dir/a")
    assert stat.S_IMODE(there.st_mode) == 0o600
    assert result.says("restored 3 files (976.6 KiB)")
    if not result.says("no extended attributes are restored"):
        assert os.getxattr(path, "user.s3stream.content-type") == b"text/x-odd"
        assert os.getxattr(path, "user.s3stream.meta.k") == b"v"


def test_a_restore_needs_no_server_and_no_valid_option(
    host: Host, jobs: Jobs, bucket: str, backed_up: Volume, tmp_path: Path
) -> None:
    job = jobs.restore(backed_up.path, tmp_path / "where")
    job["definition"] = "endpoint_url=nowhere:of_another_version=1:defaults_file=/nonexistent:"
    (result,) = host.run(job)
    assert result.status == "OK", result.everything()
    assert len(tree(tmp_path / "where", bucket)) == 3


@pytest.mark.parametrize(
    "name",
    ["/@S3STREAM/../../escaped", "../escaped", "/@S3STREAM/x/..", "/a/../../../escaped"],
)
def test_a_name_that_leaves_the_directory_is_refused(
    host: Host, jobs: Jobs, bucket: str, backed_up: Volume, tmp_path: Path, name: str
) -> None:
    backed_up.rename(f"/@S3STREAM/{bucket}/dir/a", name)
    where = tmp_path / "below" / "where"
    (result,) = host.run(jobs.restore(backed_up.path, where))
    assert result.says("cannot be restored", "ERROR")
    assert sorted(tree(where, bucket)) == ["dir/empty", "large"]
    assert not list(tmp_path.rglob("escaped*"))


def test_a_link_never_leads_out_of_the_directory(
    host: Host, jobs: Jobs, bucket: str, backed_up: Volume, tmp_path: Path
) -> None:
    where, outside = tmp_path / "where", tmp_path / "outside"
    (where / "@S3STREAM" / bucket).mkdir(parents=True)
    outside.mkdir()
    (outside / "target").write_bytes(b"precious")
    (where / "@S3STREAM" / bucket / "dir").symlink_to(outside)
    (where / "@S3STREAM" / bucket / "large").symlink_to(outside / "target")
    (result,) = host.run(jobs.restore(backed_up.path, where))
    assert result.says("a symbolic link leads out of", "ERROR")
    assert [path.name for path in outside.iterdir()] == ["target"]
    assert (outside / "target").read_bytes() == b"precious"
    # A link in the place of a file is replaced, not followed.
    assert (where / "@S3STREAM" / bucket / "large").read_bytes().startswith(b"0123456789")


@pytest.mark.parametrize(
    ("replace", "age", "is_replaced"),
    [
        ("a", 0, True),
        ("n", -1000, False),
        ("w", -1000, True),
        ("w", 1000, False),
        ("o", 1000, True),
        ("o", -1000, False),
    ],
)
def test_the_replace_option_is_obeyed(
    host: Host,
    jobs: Jobs,
    bucket: str,
    backed_up: Volume,
    tmp_path: Path,
    replace: str,
    age: int,
    is_replaced: bool,
) -> None:
    path = tmp_path / "where" / "@S3STREAM" / bucket / "dir/a"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"there before")
    time = jobs.server.modified(bucket, "dir/a") + age
    os.utime(path, (time, time))
    (result,) = host.run(jobs.restore(backed_up.path, tmp_path / "where", replace=replace))
    assert result.status == "OK", result.everything()
    assert path.read_bytes() == (b"first" if is_replaced else b"there before")
    assert result.says(f"kept {0 if is_replaced else 1} that were there")


def test_a_file_that_cannot_be_written_to_its_end_is_no_restored_file(
    host: Host, jobs: Jobs, bucket: str, backed_up: Volume, tmp_path: Path
) -> None:
    limited = tmp_path / "limited"
    limited.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 500\nexec {host.program} \"$@\"\n")
    limited.chmod(0o755)
    host.program = limited
    (result,) = host.run(jobs.restore(backed_up.path, tmp_path / "where"))
    assert result.status == "OK -- with warnings"
    assert result.says("restored 2 files") and result.says("failed 1"), result.everything()
    # The backup is not to blame.
    assert not result.says("its backup had failed")


def test_a_directory_that_cannot_be_written_is_an_error_for_each_file(
    host: Host, jobs: Jobs, backed_up: Volume, tmp_path: Path
) -> None:
    (tmp_path / "where").write_bytes(b"a file")
    (result,) = host.run(jobs.restore(backed_up.path, tmp_path / "where"))
    assert result.status == "OK -- with warnings"
    assert result.says("cannot be restored: Not a directory", "ERROR")
    assert result.says("failed 3")


@pytest.mark.parametrize(
    ("override", "names"),
    [
        ("start_after=dir/a:", ["dir/empty", "large"]),
        ("end_at=dir/empty:", ["dir/a", "dir/empty"]),
        ("start_after_encoded=dir%2Fa:end_at=dir/z:", ["dir/empty"]),
        ("end_at_encoded=a:", []),
    ],
)
def test_a_restore_of_a_range_brings_back_no_other_key(
    host: Host,
    jobs: Jobs,
    bucket: str,
    backed_up: Volume,
    tmp_path: Path,
    override: str,
    names: List[str],
) -> None:
    where = tmp_path / "where"
    job = jobs.restore(backed_up.path, where, override=override)
    job["definition"] = "start_after=:end_at=zzz:start_after=d:"
    (result,) = host.run(job)
    assert result.status == "OK", result.everything()
    assert sorted(tree(where, bucket)) == names
    assert result.says(f"left to other jobs, by their keys: {3 - len(names)}")


def test_a_range_that_is_none_restores_nothing(
    host: Host, jobs: Jobs, bucket: str, backed_up: Volume, tmp_path: Path
) -> None:
    job = jobs.restore(backed_up.path, tmp_path / "where", override="end_at_encoded=%zz:")
    (result,) = host.run(job)
    assert result.says("a % is followed by two hexadecimal digits", "FATAL")
    assert tree(tmp_path / "where", bucket) == {}
