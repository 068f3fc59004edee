"""The report: a line for each object, a page at the end, and what it came to."""

import json
import os
import subprocess
import sys

import pytest
import s3stream
from s3stream import report


def backed_up(client, run, source):
    for reader in client.stream("bucket", source):
        try:
            reader.read()
        except s3stream.S3Error as error:
            run.failed(reader.object, error)
        else:
            run.streamed(reader.object, reader.verdict, seconds=0.25)


def lines(path):
    """The records of a manifest, without its first and last line."""
    with open(path, encoding="utf-8") as manifest:
        read = [json.loads(line) for line in manifest]
    assert "manifest" in read[0] and "end" in read[-1]
    return read[1:-1]


def end(path):
    with open(path, encoding="utf-8") as manifest:
        return json.loads(list(manifest)[-1])["end"]


def test_a_whole_run_is_complete(client, tmp_path):
    manifest, html = tmp_path / "run.jsonl", tmp_path / "run.html"
    with report.Report(manifest=manifest, html=html, bucket="bucket", prefix="keys/") as run:
        backed_up(client, run, run.counted(client.list("bucket", "keys/")))
        assert not manifest.exists(), "it gets its name when it is whole"
    summary = run.finish()
    assert (summary.assessment, summary.listed, summary.streamed) == ("complete", 300, 300)
    assert (summary.failed, summary.bytes, summary.methods) == (0, 300, {"crc64nvme": 300})
    assert summary.manifest == str(manifest) and summary.html == str(html)
    assert end(manifest)["assessment"] == "complete" and end(manifest)["streamed"] == 300
    first = lines(manifest)[0]
    assert first["key"] == "keys/0000000000" and first["outcome"] == "streamed"
    assert (first["method"], first["bytes"], first["seconds"]) == ("crc64nvme", 1, 0.25)
    assert "300" in html.read_text() and sorted(os.listdir(tmp_path)) == ["run.html", "run.jsonl"]


def test_a_failure_is_named(client, tmp_path):
    manifest = tmp_path / "run.jsonl"
    with report.Report(manifest=manifest, bucket="bucket") as run:
        backed_up(client, run, run.counted(["keys/0000000000", "missing"]))
        run.skipped(s3stream.Object("left"), "not wanted")
    assert run.summary().assessment == "incomplete"
    by_key = {line["key"]: line for line in lines(manifest)}
    error = by_key["missing"]["error"]
    assert (error["kind"], error["status"], error["code"]) == ("not_found", 404, "NoSuchKey")
    assert by_key["left"]["reason"] == "not wanted"


def test_a_listing_that_broke_off_leaves_a_partial_manifest(client, tmp_path):
    manifest = tmp_path / "run.jsonl"

    def source():
        yield from client.list("bucket", end_at="keys/0000000001")
        raise s3stream.TransportError("the server hung up")

    with pytest.raises(s3stream.TransportError):
        with report.Report(manifest=manifest, bucket="bucket") as run:
            backed_up(client, run, run.counted(source()))
    summary = run.finish()
    assert summary.assessment == "incomplete"
    assert summary.manifest == f"{manifest}.partial" and not manifest.exists()
    assert len(lines(summary.manifest)) == summary.streamed > 0
    assert end(summary.manifest)["why"].endswith("the server hung up")


def test_an_object_newer_than_listed_is_counted_and_named(server, client, tmp_path):
    server.put("newer", b"old")
    listed = list(client.list("bucket", "newer"))
    server.put("newer", b"newer")
    with report.Report(manifest=tmp_path / "m.jsonl", bucket="bucket") as run:
        reader = next(client.stream("bucket", listed))
        reader.read()
        newer = reader.is_newer_than_listed
        run.streamed(reader.object, reader.verdict, is_newer_than_listed=newer)
    assert newer and run.finish().newer_than_listed == 1
    assert lines(tmp_path / "m.jsonl")[0]["is_newer_than_listed"] is True


def test_nothing_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        with report.Report(manifest=tmp_path / "run.jsonl") as run:
            raise KeyboardInterrupt
    assert run.finish().manifest is None and os.listdir(tmp_path) == []


def test_what_nobody_said_is_unknown():
    run = report.Report(bucket="b")
    run.streamed(s3stream.Object("k"), s3stream.Verdict("md5", 0, 0, 0))
    assert run.summary().assessment == "unknown"
    run.complete(listed=1)
    assert run.finish().assessment == "complete"
    with pytest.raises(ValueError, match="finished"):
        run.skipped(s3stream.Object("k"), "late")


def test_what_is_not_proven_is_counted_by_reason(tmp_path):
    manifest, html = tmp_path / "run.jsonl", tmp_path / "run.html"
    run = report.Report(bucket="b", manifest=manifest, html=html)
    run.streamed(s3stream.Object("a", 5), s3stream.Verdict("md5", 5, 0, 0))
    run.streamed(s3stream.Object("c", 5), s3stream.Verdict("length", 5, 0, 0, "none offered"))
    twice = s3stream.Verdict("length", 5, 0, 0, "read twice", 5, True)
    run.streamed(s3stream.Object("d", 5), twice)
    run.complete(listed=3)
    summary = run.finish()
    assert summary.unproven == {"none offered": 1, "read twice": 1}
    assert (summary.probably_damaged, summary.assessment) == (1, "complete")
    first, _, last = lines(manifest)
    assert "unproven" not in first and "reread" not in first
    assert (last["unproven"], last["reread"], last["probably_damaged"]) == ("read twice", 5, True)
    assert "probably damaged" in html.read_text()
    assert report.rebuild(manifest, html).unproven == summary.unproven


def test_a_page_is_made_again_from_the_manifest(tmp_path):
    manifest = tmp_path / "run.jsonl"
    run = report.Report(manifest=manifest, bucket="b")
    run.failed(s3stream.Object("k\n<b>"), OSError(28, "no space\nleft"), name="k")
    run.finish()
    summary = report.rebuild(manifest, tmp_path / "again.html")
    assert (summary.failed, summary.assessment, summary.listed) == (1, "incomplete", None)
    page = (tmp_path / "again.html").read_text()
    assert "&lt;b&gt;" in page
    assert lines(manifest)[0]["error"]["kind"] == "destination"


def test_a_line_that_is_no_record_is_named(tmp_path):
    (tmp_path / "bad").write_text('{"bucket":"b","key":"k","outcome":"streamed"}\n{}\n')
    with pytest.raises(ValueError, match="line 2"):
        report.rebuild(tmp_path / "bad", tmp_path / "page")


@pytest.mark.parametrize("field", [{"size": "7"}, {"size": -1}, {"key": 7}, {"retries": 1 << 40}])
def test_a_wrong_field_is_refused_by_name(field):
    values = {"bucket": "b", "key": "k", "outcome": "streamed", **field}
    with pytest.raises(TypeError, match=next(iter(field))):
        report.Report().add(report.Record(**values))


def test_a_device_is_written_to_and_never_replaced():
    run = report.Report(manifest="/dev/null")
    run.complete(listed=0)
    assert run.finish().assessment == "empty"
    assert not os.path.isfile("/dev/null")


def test_a_page_that_cannot_be_written_is_told_before_the_run(tmp_path):
    with pytest.raises(OSError):
        report.Report(manifest=tmp_path / "run.jsonl", html=tmp_path / "absent" / "run.html")
    assert os.listdir(tmp_path) == []


def test_two_reports_never_write_to_one_file(tmp_path):
    first = report.Report(manifest=tmp_path / "a.jsonl", html=tmp_path / "a.html")
    for path in ({"manifest": tmp_path / "a.jsonl"}, {"html": tmp_path / "." / "a.html"}):
        with pytest.raises(FileExistsError, match="another run"):
            report.Report(**path)
    with pytest.raises(FileExistsError):
        report.Report(manifest=tmp_path / "b", html=tmp_path / "b")
    first.complete(listed=0)
    assert first.finish().assessment == "empty"
    assert sorted(os.listdir(tmp_path)) == ["a.html", "a.jsonl"]


def test_a_finish_that_failed_fails_again_and_never_hides_what_ended_the_body(tmp_path):
    run = report.Report(manifest="/dev/full")
    run.streamed(s3stream.Object("k"), s3stream.Verdict("md5", 0, 0, 0))
    run.complete(listed=1)
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            run.finish()
    with pytest.raises(KeyboardInterrupt):
        with report.Report(manifest="/dev/full") as run:
            run.streamed(s3stream.Object("k"), s3stream.Verdict("md5", 0, 0, 0))
            raise KeyboardInterrupt


def test_a_manifest_says_how_its_run_ended_and_one_that_was_cut_says_so(tmp_path):
    manifest, page = tmp_path / "run.jsonl", tmp_path / "page.html"
    rules = {"versions": "all"}
    run = report.Report(manifest=manifest, bucket="b", prefix="p", rules=rules)
    run.streamed(s3stream.Object("p/k", 5), s3stream.Verdict("md5", 5, 0, 0))
    run.complete(listed=1)
    run.finish()
    again = report.rebuild(manifest, page)
    assert (again.assessment, again.listed) == ("complete", 1)
    whole = manifest.read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(whole[:-1])
    assert report.rebuild(tmp_path / "cut.jsonl", page).assessment == "incomplete"
    assert "closing line" in page.read_text()
    (tmp_path / "bad.jsonl").write_bytes(whole.replace(b'"size":5', b'"size":4', 1))
    with pytest.raises(ValueError, match="line 2 .* damaged"):
        report.rebuild(tmp_path / "bad.jsonl", page)


def test_rebuilding_takes_no_more_memory_for_a_larger_manifest(tmp_path):
    manifest = tmp_path / "run.jsonl"
    run = report.Report(manifest=manifest, bucket="b")
    for number in range(60_000):
        run.skipped(s3stream.Object(f"key {number}"), "x" * 300)
    run.complete(listed=60_000)
    run.finish()
    assert manifest.stat().st_size > 20 << 20
    code = (
        "import resource, sys; from s3stream import report\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert report.rebuild(sys.argv[1], sys.argv[2]).skipped == 60_000\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    arguments = [sys.executable, "-c", code, manifest, tmp_path / "page.html"]
    grown = int(subprocess.run(arguments, check=True, capture_output=True).stdout)
    assert grown < 8 << 10, f"{grown} KiB"
