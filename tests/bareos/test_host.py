"""The host does to a plugin what the daemon does: its answers to good and bad behaviour."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest

from harness import HERE, Host, Volume

ALL = ["/@X/one", "/@X/two", "/@X/three"]


def job(volume: Path, how: str = "well", **more: Any) -> Dict[str, Any]:
    return {
        "job": "host",
        "module_path": HERE / "plugins",
        "module_name": "misbehaving",
        "definition": f"how={how}:",
        "volume": volume,
        "keep": "yes",
        **more,
    }


@pytest.mark.parametrize(
    ("how", "status", "names"),
    [
        ("well", "OK", ALL),
        ("stop", "OK", ALL[:1]),
        ("skip", "OK", [ALL[0], ALL[2]]),
        ("error", "Error", ALL[:1]),
        ("raise", "Error", ALL[:1]),
        ("notype", "Error", ALL[:1]),
        ("surrogate", "died", ALL[:1]),
        ("noopen", "OK -- with warnings", [ALL[0], ALL[2]]),
        ("open", "OK -- with warnings", ALL),
        ("read", "OK -- with warnings", ALL),
        ("long", "OK -- with warnings", ALL),
        ("quiet", "OK", ALL),
        ("close", "OK -- with warnings", ALL),
        ("end", "OK", ALL[:2]),
    ],
)
def test_misbehaviour_ends_as_in_the_daemon(
    host: Host, tmp_path: Path, how: str, status: str, names: Any
) -> None:
    volume = Volume(tmp_path / "volume")
    (result,) = host.run(job(volume.path, how))
    assert result.status == status, result.everything()
    assert [entry.name for entry in volume.entries()] == names


def test_a_failed_file_stays_on_the_volume_with_what_came(host: Host, tmp_path: Path) -> None:
    for how in ("open", "read", "quiet"):
        volume = Volume(tmp_path / how)
        host.run(job(volume.path, how))
        assert [entry.stored for entry in volume.entries()] == [17, 0, 17]


def test_estimate_reads_nothing_and_has_no_start_event(host: Host, tmp_path: Path) -> None:
    backup, estimate = host.run(job(tmp_path), job(tmp_path, type="estimate"))
    assert (backup.reads, backup.bytes) == (6, 51) and backup.says("started True")
    assert (estimate.reads, estimate.estimated_bytes) == (0, 51) and estimate.says("started False")


def test_times_that_are_now_are_always_changed(host: Host, tmp_path: Path) -> None:
    old, new = (host.run(job(tmp_path, level="I", since=since))[0] for since in (1, 4102444800))
    assert (old.saved, new.saved, new.unchanged) == (3, 0, 3)


def test_functions_need_the_jobs_thread(host: Host, tmp_path: Path) -> None:
    (result,) = host.run(job(tmp_path, "thread"))
    assert result.says("refused: bareosfd.JobMessage: plugin_ctx is unset")


def test_every_job_has_an_interpreter_of_its_own(every_host: Host, tmp_path: Path) -> None:
    many = every_host.run(
        job(tmp_path, repeat=20, keep="no"), job(tmp_path, repeat=5, threads=4, keep="no")
    )
    assert [result.status for result in many] == ["OK"] * 40
    assert {result.digest for result in many} == {many[0].digest}
