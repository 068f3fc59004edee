"""`s3stream check` with what an administrator is about to give to the daemon."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, List

import pytest

from jobs import Jobs


@pytest.fixture
def check(jobs: Jobs, plugin: Path, tmp_path: Path) -> Any:
    """Runs the command in a directory without any settings of S3 around it."""
    jobs.defaults.write_text(
        jobs.defaults.read_text() + f"endpoint_url={jobs.server.endpoint_url}\n"
    )

    def run(*arguments: Any) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "s3stream", "check", *map(str, arguments)],
            env={"PYTHONPATH": str(plugin.parents[2]), "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


def test_the_file_that_the_daemon_reads_is_tried(check: Any, jobs: Jobs, bucket: str) -> None:
    jobs.server.put(bucket, "a", b"x")
    done = check("--defaults-file", jobs.defaults, f"s3://{bucket}")
    assert done.returncode == 0 and done.stdout.count(" ok ") == 4, done
    jobs.defaults.write_text("access_key_id=nobody\nsecret_access_key=hunter2\nbukets=a\n")
    done = check("--defaults-file", jobs.defaults)
    assert done.returncode == 2 and "did you mean 'buckets'?" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("beginning", ["", "python3:module_path=/x:module_name=y:", '"python3:'])
def test_a_line_says_what_it_would_take(
    check: Any, jobs: Jobs, bucket: str, beginning: str
) -> None:
    for key, size in (("a", 10), ("b", 20), ("c.tmp", 40)):
        jobs.server.put(bucket, key, b"x" * size)
    path = jobs.defaults.name
    end = '"' if beginning.startswith('"') else ""
    done = check(
        "--bareos", f"{beginning}defaults_file={path}:buckets={bucket}:exclude=*.tmp,no{end}"
    )
    assert done.returncode == 0, done
    lines: List[str] = done.stdout.splitlines()
    assert f"bucket '{bucket}': 2 objects, 30 bytes" in lines
    assert "left out by rule: exclude 1" in lines
    assert "warning: exclude: 'no' matches no key" in lines


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("buckets=absent-bucket", "bucket 'absent-bucket' does not exist"),
        ("buckets=", "option 'buckets' has no value"),
        ("secret_access_key=hunter2", "must not stand in the FileSet"),
        ("endpoint_url=http://h", "a colon within a value is written"),
    ],
)
def test_a_line_that_would_fail_says_why(check: Any, jobs: Jobs, line: str, said: str) -> None:
    done = check("--defaults-file", jobs.defaults, "--bareos", line)
    assert done.returncode == 2 and said in done.stderr, done
    assert "hunter2" not in done.stderr


def test_the_manual_is_beside_the_plugin(plugin: Path) -> None:
    assert (plugin.parent / "BAREOS.md").read_text(encoding="utf-8").startswith("# S3 buckets in")
