"""What one job could not read is taken again by the next, although nothing of it looks changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest
from s3stream.bareos.owed import FULL_JOBS, MOST, OTHER_JOBS, Owed

from harness import Host, Volume
from jobs import Jobs
from server import FaultServer

#: Nothing is younger than this: what a job saves is what it owes.
LATE = 4102444800
SIZE = 200_000


def named(day: int) -> str:
    """The name of the job of a day, as the director tells it to the next one."""
    return f"s3-backup.2026-01-{day:02}_00.00.00_00"


class Days:
    """A job a day, on one daemon: at first the server has its faults, then it has none."""

    def __init__(
        self, host: Host, plugin: Path, directory: Path, fault: Callable[[str], FaultServer]
    ) -> None:
        self.host = host
        self.plugin = plugin
        self.directory = directory
        self._fault = fault

    def run(self, day: int, server: Any, **settings: Any) -> Any:
        """The result of a day's job, and the names that it saved."""
        volume = Volume(self.directory / f"{day}")
        jobs = Jobs(server, self.plugin, self.directory)
        options = {"buckets": "bucket", "since_margin": "0s", **settings.pop("options", {})}
        settings = {"time": f"2026-01-{day:02}_00.00.00", "working_dir": self.directory, **settings}
        (result,) = self.host.run(jobs.job(options=options, volume=volume.path, **settings))
        saved = [os.path.basename(entry.name) for entry in volume.entries() if entry.stored]
        return result, saved

    def run_with(self, day: int, transcript: str, **settings: Any) -> Any:
        """The same, against a server that has a fault."""
        server = self._fault(transcript)
        options: Any = {
            "concurrency": 1,
            "max_attempts": 4,
            "stall_timeout": 5,
            "retry_for": 0,
        }
        outcome = self.run(day, server, options=options, **settings)
        server.stop()
        return outcome

    def owes(self) -> List[str]:
        """The files that remember."""
        return sorted(path.name for path in self.directory.glob("*.owed*"))


@pytest.fixture
def days(
    host: Host, plugin: Path, tmp_path: Path, fault_server: Callable[[str], FaultServer]
) -> Days:
    return Days(host, plugin, tmp_path, fault_server)


@pytest.fixture
def sound(server: Any) -> Iterator[Any]:
    """A server on which everything that failed can be read."""
    server.s3.create_bucket(Bucket="bucket")
    for key in "abc":
        server.put("bucket", key, b"x" * SIZE)
    yield server
    server.remove_bucket("bucket")


def after(day: int, level: str = "I") -> Any:
    """Settings of a job that is based on the one of a day."""
    return {"level": level, "since": LATE, "base": named(day)}


@pytest.mark.parametrize("transcript", ["large_object_breaks_off", "small_object_is_corrupt"])
def test_the_next_job_takes_again_what_failed_and_the_one_after_does_not(
    days: Days, sound: Any, transcript: str
) -> None:
    result, _ = days.run_with(1, transcript)
    assert result.says("the next job takes it again", "ERROR"), result.everything()
    result, saved = days.run(2, sound, **after(1))
    assert saved == ["b"] and (result.status, result.unchanged) == ("OK", 2), result.everything()
    assert result.says("not whole in an earlier backup, taken again: 1")
    result, saved = days.run(3, sound, **after(2))
    assert saved == [] and (result.status, result.unchanged) == ("OK", 3), result.everything()
    assert not result.says("taken again")


def test_a_differential_job_takes_what_the_full_one_lacks_whatever_was_between(
    days: Days, sound: Any
) -> None:
    days.run_with(1, "large_object_breaks_off")
    assert days.run(2, sound, **after(1))[1] == ["b"]
    assert days.run(3, sound, **after(1, "D"))[1] == ["b"]
    assert days.run(4, sound, **after(3))[1] == []


def test_what_fails_again_is_owed_again(days: Days, sound: Any) -> None:
    days.run_with(1, "large_object_breaks_off")
    result, _ = days.run_with(2, "only_what_is_owed_breaks_off", **after(1))
    assert result.unchanged == 2 and result.says("the next job takes it again", "ERROR")
    assert days.run(3, sound, **after(2))[1] == ["b"]


def test_a_job_that_was_no_base_is_no_base_here(days: Days, sound: Any) -> None:
    days.run_with(1, "large_object_breaks_off")
    assert days.run(2, sound, **after(1))[1] == ["b"]
    # The daemon took the second job for good; the director did not, and counts from the first.
    assert days.run(3, sound, **after(1))[1] == ["b"]
    # Where the base is not known here, too much is taken rather than too little.
    assert days.run(4, sound, **after(9))[1] == ["b"]


def test_accurate_jobs_take_it_too_and_do_not_miss_it(days: Days, sound: Any) -> None:
    result, _ = days.run(1, sound)
    assert result.status == "OK" and days.owes() == []
    days.run_with(2, "large_object_breaks_off")
    known = days.directory / "1"
    settings = {"accurate": known, "accurate_options": "ms", **after(2)}
    result, saved = days.run(3, sound, **settings)
    assert saved == ["b"] and (result.unchanged, result.deleted) == (2, 0), result.everything()


def test_a_full_job_owes_nothing_and_a_clean_one_leaves_nothing(days: Days, sound: Any) -> None:
    result, saved = days.run(1, sound)
    assert saved == ["a", "b", "c"] and days.owes() == []
    days.run_with(2, "large_object_breaks_off")
    assert days.owes() == ["s3stream-s3-backup.owed"]
    assert (days.directory / "s3stream-s3-backup.owed").stat().st_mode & 0o777 == 0o600
    assert days.run(3, sound)[1] == ["a", "b", "c"]
    assert days.run(4, sound, **after(3))[1] == []


def test_another_job_does_not_pay(days: Days, sound: Any) -> None:
    days.run_with(1, "large_object_breaks_off")
    assert days.run(2, sound, job="other", **after(1))[1] == []


def test_a_file_that_is_not_ours_is_said_until_a_full_job_begins_anew(
    days: Days, sound: Any
) -> None:
    path = days.directory / "s3stream-s3-backup.owed"
    path.write_text('{"job": 1}\n')
    result, saved = days.run(2, sound, **after(1))
    assert (result.status, saved) == ("OK -- with warnings", [])
    assert result.says(f"{path} is not what an earlier job wrote", "ERROR"), result.everything()
    assert days.run(3, sound)[0].status == "OK"
    assert days.run(4, sound, **after(3))[0].status == "OK"


def test_where_nothing_can_be_remembered_that_is_said(days: Days, sound: Any) -> None:
    result, saved = days.run(1, sound, working_dir=days.directory / "none")
    assert result.says("none: No such file or directory", "ERROR"), result.everything()
    assert saved == ["a", "b", "c"]
    result, _ = days.run_with(2, "large_object_breaks_off", working_dir="/proc/self")
    assert result.says("/proc/self cannot be written to", "ERROR"), result.everything()
    assert result.says("an incremental job does not take it again: run a full one", "ERROR")
    # Root may write there, says the mode; found out when there is something to remember.
    result, _ = days.run_with(3, "large_object_breaks_off", working_dir="/proc")
    whether = "cannot be written to" if os.getuid() else "objects that failed are not remembered: /proc/"
    assert result.says(whether, "ERROR"), result.everything()


def test_too_many_are_not_remembered_and_that_is(tmp_path: Path) -> None:
    first = Owed(str(tmp_path), named(1), "F", "")
    for number in range(MOST + 1):
        assert not first.is_unknown
        first.lost(f"{number}")
    assert first.is_unknown
    first.write()
    second = Owed(str(tmp_path), named(2), "I", named(1))
    assert second.is_unknown and "1" not in second
    second.write()
    assert Owed(str(tmp_path), named(3), "I", named(2)).is_unknown
    assert not Owed(str(tmp_path), named(4), "F", "").is_unknown


def test_what_is_not_remembered_is_not_promised(days: Days) -> None:
    path = days.directory / "s3stream-s3-backup.owed"
    path.write_text(f'{{"job": "{named(1)}", "level": "F", "owed": null}}\n')
    # Everything is young: it is read without being owed.
    result, _ = days.run_with(2, "large_object_breaks_off", level="I", since=1, base=named(1))
    assert result.says("an incremental job does not take it again: run a full one", "ERROR")
    said = [text for text in result.texts("ERROR") if "not all remembered" in text]
    assert len(said) == 1, said


def test_lines_that_no_job_needs_any_more_go(tmp_path: Path) -> None:
    for day in range(1, 29):
        level = "F" if day % 2 == 1 else "I"
        job = Owed(str(tmp_path), named(day), level, "" if level == "F" else named(day - 1))
        job.lost(f"{day}")
        job.write()
    lines = (tmp_path / "s3stream-s3-backup.owed").read_text().splitlines()
    assert len(lines) == FULL_JOBS + OTHER_JOBS
    differential = Owed(str(tmp_path), named(29), "D", named(27))
    assert "27" in differential and "28" not in differential


def test_a_base_is_known_however_many_jobs_fail_behind_our_back(tmp_path: Path) -> None:
    Owed(str(tmp_path), named(1), "F", "").write()
    base = Owed(str(tmp_path), named(2), "I", named(1))
    base.lost("b")
    base.write()
    for day in range(3, 3 + 2 * OTHER_JOBS):
        job = Owed(str(tmp_path), named(day), "I", named(2))
        assert "b" in job
        job.write()
    assert "b" in Owed(str(tmp_path), named(31), "I", named(2))


def test_what_was_not_remembered_is_over_once_a_full_job_was_a_base(tmp_path: Path) -> None:
    first = Owed(str(tmp_path), named(1), "F", "")
    for number in range(MOST + 1):
        first.lost(f"{number}")
    first.write()
    Owed(str(tmp_path), named(2), "F", "").write()
    assert Owed(str(tmp_path), named(3), "I", "a virtual full job").is_unknown
    Owed(str(tmp_path), named(3), "I", named(2)).write()
    assert not Owed(str(tmp_path), named(4), "I", "a virtual full job").is_unknown


def test_two_jobs_of_one_name_side_by_side_leave_a_line_each(tmp_path: Path) -> None:
    first = Owed(str(tmp_path), named(2), "I", named(1))
    second = Owed(str(tmp_path), named(3), "I", named(1))
    second.lost("b")
    second.write()
    first.write()
    assert "b" in Owed(str(tmp_path), named(4), "I", named(3))
    assert "b" not in Owed(str(tmp_path), named(4), "I", named(2))
