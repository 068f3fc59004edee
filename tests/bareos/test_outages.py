"""A server that answers nothing for a while is waited for; what one key does is that key's matter."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Iterator

import pytest

from dated_server import Dated, DatedServer
from harness import HERE, Host, Volume
from jobs import Jobs

KEYS = [f"{number:02}" for number in range(40)]


@pytest.fixture
def server() -> Iterator[DatedServer]:
    server = DatedServer("bucket")
    server.objects = {key: Dated(b"x" * 1000, 1_700_000_000) for key in KEYS}
    yield server
    server.stop()


class Away:
    """Refuses a number of requests, all of them, from the one of some key on."""

    def __init__(self, key: str, requests: float) -> None:
        self._key = key
        self._left = requests
        self._has_begun = False
        self._lock = threading.Lock()

    def __call__(self, key: str) -> bool:
        with self._lock:
            self._has_begun = self._has_begun or key == self._key
            if not self._has_begun or self._left <= 0:
                return False
            self._left -= 1
            return True


def run(host: Host, plugin: Path, directory: Path, server: Any, **options: Any) -> Any:
    """A full job, and the keys of which it has all bytes."""
    options = {"buckets": "bucket", "anonymous": "yes", "defaults_file": None, **options}
    volume = Volume(directory / "volume")
    jobs = Jobs(server, plugin, directory)
    (result,) = host.run(jobs.job(options=options, volume=volume.path, keep="yes"))
    entries = volume.files().values()
    return result, [entry.name[-2:] for entry in entries if entry.stored == 1000]


def test_an_outage_is_waited_for_and_told_when_it_begins_and_when_it_ends(
    host: Host, plugin: Path, tmp_path: Path, server: DatedServer
) -> None:
    # More than all that are under way may try: only then it is the server that is away.
    server.refuses = Away("10", 40)
    result, saved = run(host, plugin, tmp_path, server, max_attempts=2, retry_max_delay=0.2)
    assert (result.status, saved) == ("OK", KEYS), result.everything()
    said = [text for text in result.texts("INFO") if "the server answers" in text]
    assert ["nothing any more" in text for text in said] == [True, False], said
    assert "up to 10 minutes (retry_for)" in said[0] and "again, after" in said[1]
    assert result.says("waited for the server: 1 times"), result.everything()


def test_any_number_of_keys_that_are_never_given_are_failed_objects_and_no_outage(
    host: Host, plugin: Path, tmp_path: Path, server: DatedServer
) -> None:
    server.refuses = lambda key: key != "" and "05" <= key < "30"
    options = {"max_attempts": 2, "concurrency": 2}
    result, saved = run(host, plugin, tmp_path, server, **options)
    assert result.status == "OK -- with warnings", result.everything()
    assert saved == KEYS[:5] + KEYS[30:] and result.says("failed 25")
    assert not result.says("the server answers"), result.everything()


def test_a_server_that_dies_for_good_fails_the_job_once_patience_is_spent(
    host: Host, plugin: Path, tmp_path: Path, server: DatedServer
) -> None:
    server.refuses = Away("20", float("inf"))
    result, saved = run(host, plugin, tmp_path, server, max_attempts=2, retry_for=1)
    assert result.status == "Error" and saved == KEYS[: len(saved)], result.everything()
    assert result.says("the server has answered nothing for too long", "FATAL"), result.everything()
    # Not one line for each of the million that come behind it.
    assert len(result.texts("ERROR")) == 1
    assert not list(tmp_path.glob("*.owed")) and not list(tmp_path.glob("*.selected"))


def test_without_patience_many_failures_in_a_row_end_the_job(
    host: Host, plugin: Path, tmp_path: Path, server: DatedServer
) -> None:
    server.refuses = lambda key: key >= "05"
    result, _ = run(host, plugin, tmp_path, server, max_attempts=1, retry_for=0)
    assert result.status == "Error" and result.says("20 objects in a row", "FATAL")


def test_a_thread_is_called_while_it_waits_in_every_interpreter(
    every_host: Host, plugin: Path, tmp_path: Path, fault_server: Any
) -> None:
    for _ in range(2):
        server = fault_server("body_stalls_at_once")
        jobs = Jobs(server, plugin, tmp_path)
        job = jobs.job(module_path=HERE / "plugins", module_name="waiting")
        url = tmp_path / "url"
        url.write_text(server.endpoint_url)
        job["definition"] = f"url={url}:package={plugin.parents[2]}:"
        (result,) = every_host.run(job)
        assert result.texts("INFO") == ["called: Enough\n"], result.everything()
