"""Hundreds of jobs in one process: no failure, no growth, errors as in the first."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from conftest import version_of
from harness import HERE, Host, Result
from jobs import Jobs

#: What a job may keep beyond what an interpreter with the same imports keeps.
KEPT_KIB = 2
#: What a job needs no part of, and each would pay for: milliseconds, and memory for good (3.12).
NOT_NEEDED = {
    "argparse",
    "ast",
    "contextlib",
    "dataclasses",
    "datetime",
    "difflib",
    "fnmatch",
    "hashlib",
    "inspect",
    "json",
    "logging",
    "pathlib",
    "s3stream.report",
    "socket",
    "threading",
    "traceback",
    "typing",
    "urllib.parse",
}
#: Jobs before memory is counted: statics, caches and threads are there by then.
WARM = 10


@pytest.fixture
def filled(jobs: Jobs, bucket: str) -> int:
    """A bucket of small objects and one of more than a block; the number of bytes."""
    bodies = [b"s" * (100 * number) for number in range(20)] + [b"l" * 700_000]
    for number, body in enumerate(bodies):
        jobs.server.put(bucket, f"{number:02}", body)
    return sum(map(len, bodies))


def growth(results: List[Result]) -> float:
    """KiB that each job keeps, between the least of the first and of the last third.

    Every allocated byte is counted, so few jobs tell; the least, because an I/O thread may
    still hold a buffer of the job that has just ended.
    """
    counted = [result.heap for result in results[WARM:]]
    third = len(counted) // 3
    kept = min(counted[-third:]) - min(counted[:third])
    return kept / (len(counted) - third) / 1024


def imports(host: Host, job: Dict[str, Any]) -> str:
    """What a job imports, as a statement; of the standard library where that tells.

    From 3.12 on CPython keeps every interned string of an interpreter for good, names and
    keys of any module that is imported. There, our modules are among the imports: what a job
    keeps beyond its text is ours.
    """
    (result,) = host.run({**job, "repeat": 1, "modules": "yes"})
    not_theirs = ("bareos-fd-s3stream", "__main__")
    if version_of(host.program) < [3, 12]:
        not_theirs += ("s3stream", "bareosfd", "BareosFd")
    return "import " + ", ".join(name for name in result.modules if not name.startswith(not_theirs))


def test_a_job_imports_nothing_that_it_does_not_need(
    every_host: Host, jobs: Jobs, bucket: str, filled: int
) -> None:
    job: Dict[str, Any] = jobs.job(options={"buckets": bucket}, modules="yes")
    nothing: Dict[str, Any] = {"job": "nothing", "type": "imports", "imports": "pass"}
    ours, bare = every_host.run(job, {**nothing, "modules": "yes"})
    assert ours.status == "OK" and "s3stream.bareos.backup" in ours.modules
    # A distribution's `site` may import anything.
    imported = set(ours.modules) - set(bare.modules)
    assert sorted(imported & NOT_NEEDED) == []


def test_jobs_in_sequence_do_not_fail(
    every_host: Host, jobs: Jobs, bucket: str, filled: int, pytestconfig: Any
) -> None:
    count = pytestconfig.getoption("--jobs")
    results = every_host.run(jobs.job(options={"buckets": bucket}, repeat=count), timeout=600)
    assert {result.status for result in results} == {"OK"}, results[-1].everything()
    assert len(results) == count and {result.bytes for result in results} == {filled}
    assert len({result.digest for result in results}) == 1


def test_a_job_keeps_no_memory(every_host: Host, jobs: Jobs, bucket: str, filled: int) -> None:
    job: Dict[str, Any] = jobs.job(options={"buckets": bucket}, repeat=WARM + 30)
    bare: Dict[str, Any] = {"job": "imports", "type": "imports", "repeat": WARM + 30}
    every_host.python_path.append(jobs.plugin.parents[2])
    bare["imports"] = imports(every_host, job)
    ours, theirs = (
        growth(every_host.run(many, timeout=300, counts_memory=True)) for many in (job, bare)
    )
    print(f"Python {every_host.version}: {ours:.2f} KiB a job, {theirs:.2f} KiB for its imports")
    assert ours <= theirs + KEPT_KIB


def test_jobs_in_parallel_do_not_fail(
    every_host: Host, jobs: Jobs, bucket: str, filled: int, pytestconfig: Any
) -> None:
    repeat = max(2, pytestconfig.getoption("--jobs") * 40 // 300)
    job: Dict[str, Any] = jobs.job(options={"buckets": bucket}, repeat=repeat, threads=8)
    results = every_host.run(job, timeout=600)
    assert len(results) == 8 * repeat
    assert {result.status for result in results} == {"OK"}, results[-1].everything()
    assert {(result.bytes, result.digest) for result in results} == {(filled, results[0].digest)}


def test_errors_are_caught_alike_in_the_first_and_the_last_interpreter(
    every_host: Host, jobs: Jobs, bucket: str, pytestconfig: Any
) -> None:
    jobs.server.put(bucket, "there", b"x")
    settings = {
        "endpoint_url": jobs.server.endpoint_url,
        "access_key_id": jobs.server.access_key_id,
        "secret_access_key": jobs.server.secret_access_key,
        "region": jobs.server.region,
    }
    path = jobs.directory / "settings.json"
    path.write_text(json.dumps({"client": settings, "bucket": bucket}))
    count = max(10, pytestconfig.getoption("--jobs") * 200 // 300)
    job = jobs.job(module_path=HERE / "plugins", module_name="errors", repeat=count)
    job["definition"] = f"settings={path}:package={jobs.plugin.parents[2]}:"
    results = every_host.run(job, timeout=300)
    assert len(results) == count
    said = [[text for text in result.texts() if text.startswith("caught")] for result in results]
    assert said[0] == said[-1] and len(said[0]) == 5, results[0].everything()
    assert {result.status for result in results} == {"OK"}
