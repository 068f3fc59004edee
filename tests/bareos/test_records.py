"""Files of ours: made anew, for their owner only, never through a link, never by two at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from harness import Host
from jobs import Jobs


def output(path: Path) -> Any:
    from s3stream.report.output import Output

    return Output(path)


def test_a_file_is_its_owners_and_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = output(tmp_path / "a")
    finally:
        os.umask(before)
    file.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.partial"]
    assert file.keep() == str(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("kind", ["link", "dangling link", "directory", "pipe"])
def test_what_is_no_file_of_ours_is_not_opened(tmp_path: Path, kind: str) -> None:
    precious, partial = tmp_path / "precious", tmp_path / "a.partial"
    precious.write_bytes(b"precious")
    {
        "link": lambda: partial.symlink_to(precious),
        "dangling link": lambda: partial.symlink_to(tmp_path / "made"),
        "directory": partial.mkdir,
        "pipe": lambda: os.mkfifo(partial),
    }[kind]()
    with pytest.raises(FileExistsError) as caught:
        output(tmp_path / "a")
    assert str(partial) in str(caught.value)
    assert precious.read_bytes() == b"precious" and not (tmp_path / "made").exists()
    assert os.path.lexists(partial)


def test_another_name_of_a_file_is_not_written_to(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    os.link(precious, tmp_path / "a.partial")
    file = output(tmp_path / "a")
    file.write(b"x")
    file.keep()
    assert precious.read_bytes() == b"precious" and (tmp_path / "a").read_bytes() == b"x"


def test_two_runs_on_one_path_are_refused(tmp_path: Path) -> None:
    first = output(tmp_path / "a")
    (tmp_path / "other").symlink_to(tmp_path / "a")
    for path in ("a", "other", "./a", f"../{tmp_path.name}/a"):
        with pytest.raises(FileExistsError, match="another run is writing to it"):
            output(tmp_path / path)
    first.write(b"first")
    first.keep()
    second = output(tmp_path / "a")
    second.write(b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    second.keep()
    assert (tmp_path / "a").read_bytes() == b"second"


@pytest.mark.parametrize("end", ["leave", "discard"])
def test_what_a_run_left_behind_is_no_obstacle(tmp_path: Path, end: str) -> None:
    first = output(tmp_path / "a")
    first.write(b"first")
    getattr(first, end)()
    assert (tmp_path / "a.partial").exists() == (end == "leave")
    second = output(tmp_path / "a")
    second.write(b"x")
    second.keep()
    assert (tmp_path / "a").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    file = output(Path("/dev/null"))
    file.write(b"x")
    assert file.keep() == "/dev/null" and file.partial is None


def test_records_that_another_run_writes_fail_the_job(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    records = tmp_path / "records"
    records.mkdir()
    (records / "s3-backup.2026-01-01_00.00.00_00.jsonl.partial").symlink_to(tmp_path / "made")
    (result,) = host.run(jobs.job(options={"buckets": bucket, "records": records}))
    assert result.status == "Error" and result.says("it is a symbolic link", "FATAL")
    assert not (tmp_path / "made").exists()
