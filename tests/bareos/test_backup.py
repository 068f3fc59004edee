"""A full backup: what is offered, stored, proven and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness import Host, Volume
from jobs import Jobs

SIZES = [0, 1, 65535, 65536, 65537, 262143, 262144, 262145, 1_000_000]


def content(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def keys(volume: Volume, bucket: str) -> List[str]:
    beginning = f"/@S3STREAM/{bucket}/"
    return [name[len(beginning) :] for name in volume.files()]


def test_every_size_is_backed_up_and_proven(
    every_host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for size in SIZES:
        jobs.server.put(bucket, f"size/{size:07}", content(size))
    volume = Volume(tmp_path / "volume")
    (result,) = every_host.run(jobs.backup(volume.path, buckets=bucket))
    assert result.status == "OK", result.everything()
    found = {entry.name: (entry.size, entry.content) for entry in volume.entries()}
    assert found == {f"/@S3STREAM/{bucket}/size/{size:07}": (size, content(size)) for size in SIZES}
    assert result.bytes == sum(SIZES)
    # Full blocks: nothing but an object's end makes one shorter, and one more read ends it.
    assert result.reads == sum(-(-size // 262144) + 1 for size in SIZES)
    assert result.says(f"listed 9 objects in bucket '{bucket}': backed up 9 (1.9 MiB)")
    assert result.says("proven by:")
    assert result.says("to the server: requests 12,"), "one for each object, three for lists"


def test_stat_and_attributes_are_the_replys(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"body", ContentType="text/x-odd", Metadata={"owner": "some body"})
    volume = Volume(tmp_path / "volume")
    host.run(jobs.backup(volume.path, buckets=bucket))
    (entry,) = volume.entries()
    reply = jobs.server.s3.head_object(Bucket=bucket, Key="a")
    modified = int(reply["LastModified"].timestamp())
    assert (entry.mtime, entry.ctime, entry.mode, entry.size) == (modified, modified, 0o100600, 4)
    assert entry.ino != 0
    found = {name: value.decode() for name, value in entry.attributes.items()}
    assert found["user.s3stream.content-type"] == "text/x-odd"
    assert found["user.s3stream.meta.owner"] == "some body"
    assert found["user.s3stream.etag"] == reply["ETag"].strip('"')
    assert found["user.s3stream.verdict"] in ("md5", "crc64nvme", "crc32")


@pytest.mark.parametrize("block_size", [4096, 65536, 262136])
def test_any_block_size_of_the_daemon_is_served(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path, block_size: int
) -> None:
    jobs.server.put(bucket, "a", content(300_000))
    volume = Volume(tmp_path / "volume")
    (result,) = host.run({**jobs.backup(volume.path, buckets=bucket), "block_size": block_size})
    assert result.status == "OK" and volume.entries()[0].content == content(300_000)


@pytest.mark.parametrize(
    ("options", "kept", "rule"),
    [
        ({"prefix": "logs/"}, ["logs/a.gz", "logs/big.bin", "logs/sub/c.gz"], None),
        ({"include": "*.gz"}, ["logs/a.gz", "logs/sub/c.gz"], "include 2"),
        ({"include": "*.gz,x"}, ["logs/a.gz", "logs/sub/c.gz", "x"], "include 1"),
        ({"exclude": "~logs/.*"}, ["x"], "exclude 3"),
        ({"include": "logs/*", "exclude": "*sub*"}, ["logs/a.gz", "logs/big.bin"], "exclude 1"),
        ({"min_size": "1K"}, ["logs/big.bin"], "min_size 3"),
        ({"max_size": "1K"}, ["logs/a.gz", "logs/sub/c.gz", "x"], "max_size 1"),
        (
            {"start_after": "logs/a.gz", "end_at": "logs/sub/c.gz"},
            ["logs/big.bin", "logs/sub/c.gz"],
            None,
        ),
        ({"modified_after": "1h"}, ["logs/a.gz", "logs/big.bin", "logs/sub/c.gz", "x"], None),
        (
            {"storage_classes": "STANDARD"},
            ["logs/a.gz", "logs/big.bin", "logs/sub/c.gz", "x"],
            None,
        ),
    ],
)
def test_rules_choose_objects_and_are_counted(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path, options: Any, kept: Any, rule: Any
) -> None:
    for key in ("logs/a.gz", "logs/sub/c.gz", "x"):
        jobs.server.put(bucket, key, b"x")
    jobs.server.put(bucket, "logs/big.bin", content(2000))
    volume = Volume(tmp_path / "volume")
    (result,) = host.run(jobs.backup(volume.path, buckets=bucket, **options))
    assert result.status == "OK", result.everything()
    assert keys(volume, bucket) == kept
    assert result.says(f"left out by rule: {rule}") if rule else not result.says("left out by")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prefix": "absent/"}, "nothing was backed up: there are no objects with keys that begin"),
        ({"modified_before": "2000-01-01"}, "the rules leave all objects out (modified_before 1)"),
        ({"storage_classes": "GLACIER"}, "no object is in class 'GLACIER'"),
        ({"storage_classes_exclude": "STANDARD"}, "(storage_classes_exclude 1)"),
        ({"include": "*,nothing"}, "include: 'nothing' matches no key"),
        ({"exclude": "nothing*"}, "exclude: 'nothing*' matches no key"),
    ],
)
def test_what_matches_nothing_is_said_and_seen_in_the_status(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path, options: Dict[str, str], said: str
) -> None:
    jobs.server.put(bucket, "a", b"x")
    (result,) = host.run(jobs.backup(Volume(tmp_path / "v").path, buckets=bucket, **options))
    assert result.status == "OK -- with warnings" and result.says(said), result.everything()


def test_an_empty_bucket_alone_is_a_warning_and_among_others_a_line(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    other = jobs.server.new_bucket()
    jobs.server.put(other, "a", b"x")
    alone, together = host.run(
        jobs.backup(Volume(tmp_path / "1").path, buckets=bucket),
        jobs.backup(Volume(tmp_path / "2").path, buckets=f"{bucket},{other}"),
    )
    jobs.server.remove_bucket(other)
    assert alone.status == "OK -- with warnings" and alone.says("nothing was backed up", "ERROR")
    assert together.status == "OK" and together.says(f"no objects in bucket '{bucket}'", "INFO")


def test_buckets_are_chosen_by_name_glob_and_expression(
    host: Host, jobs: Jobs, tmp_path: Path
) -> None:
    buckets = [jobs.server.new_bucket() for _ in range(3)]
    for name in buckets:
        jobs.server.put(name, "a", b"x")
    stem = buckets[0].rpartition("-")[0]
    numbers = [name.rpartition("-")[2] for name in buckets]
    chosen = {
        ",".join(buckets[:2]): buckets[:2],
        f"~{stem}-({numbers[1]}|{numbers[2]})": buckets[1:],
    }
    for pattern, names in chosen.items():
        volume = Volume(tmp_path / "volume")
        (result,) = host.run(jobs.backup(volume.path, buckets=pattern))
        assert result.status == "OK", result.everything()
        assert [name.split("/")[2] for name in volume.files()] == sorted(names)
    volume = Volume(tmp_path / "volume")
    options = {"buckets": f"{stem}-*", "buckets_exclude": buckets[1]}
    (result,) = host.run(jobs.backup(volume.path, **options))
    assert [name.split("/")[2] for name in volume.files()] == sorted([buckets[0], buckets[2]])
    for name in buckets:
        jobs.server.remove_bucket(name)


def test_estimate_counts_what_a_backup_would_take_without_reading(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for number in range(5):
        jobs.server.put(bucket, f"{number}", content(1000 + number))
    options = {"buckets": bucket, "exclude": "4"}
    backup = jobs.backup(Volume(tmp_path / "volume").path, **options)
    real, estimate = host.run(backup, jobs.job("estimate", options=options))
    assert (estimate.status, estimate.saved, estimate.estimated_bytes) == ("OK", 4, 4006)
    assert (real.saved, real.bytes) == (4, 4006)


def test_nothing_but_the_defaults_file_has_the_keys(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"x")
    secret = jobs.server.secret_access_key
    (result,) = host.run(jobs.backup(Volume(tmp_path / "v").path, buckets=bucket))
    assert result.status == "OK" and secret not in result.everything()
    wrong = tmp_path / "wrong"
    wrong.write_text("access_key_id=nobody\nsecret_access_key=hunter2hunter2\n")
    options = {"buckets": bucket, "defaults_file": wrong}
    (result,) = host.run(jobs.backup(Volume(tmp_path / "v").path, **options))
    assert result.status == "Error" and "hunter2" not in result.everything()


def test_records_and_report_are_written_for_each_object(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    for key in ("a", "b", "left-out"):
        jobs.server.put(bucket, key, b"x" * 10)
    records = tmp_path / "records"
    options = {"buckets": bucket, "exclude": "left-out", "records": records}
    (result,) = host.run(jobs.backup(Volume(tmp_path / "v").path, **options))
    assert result.status == "OK", result.everything()
    (manifest,) = records.glob("*.jsonl")
    lines = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    # What is left out is written down when it is listed, ahead of what is read.
    assert "manifest" in lines.pop(0) and lines.pop()["end"]["assessment"] == "complete"
    assert sorted((line["key"], line["outcome"]) for line in lines) == [
        ("a", "streamed"),
        ("b", "streamed"),
        ("left-out", "skipped"),
    ]
    assert {line["bucket"] for line in lines} == {bucket}
    (page,) = records.glob("*.html")
    assert bucket in page.read_text(encoding="utf-8")
    assert result.says(str(manifest)) and result.says(str(page))
