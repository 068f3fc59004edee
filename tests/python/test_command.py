"""The command `s3stream`: what it prints, and an exit status that means something."""

import io
import json
import os
import pty
import signal
import subprocess
import sys

import pytest
import s3stream
from servers import Embedded, until

COMMAND = [sys.executable, "-m", "s3stream"]


def environment(server, **more):
    return {**os.environ, **server.environment, "NO_PROXY": "127.0.0.1", **more}


def run(server, *arguments, **more):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, env=environment(server, **more), timeout=60
    )


def test_ls_lists_buckets_directories_and_objects(server):
    assert b"bucket\n" in run(server, "ls").stdout
    assert b"keys/\n" in run(server, "ls", "s3://bucket/").stdout
    listed = run(server, "ls", "-r", "s3://bucket/keys/")
    assert (listed.returncode, listed.stdout.count(b"\n"), listed.stderr) == (0, 300, b"")


def test_ls_long_and_json_say_more(server):
    line = run(server, "ls", "-l", "s3://bucket/big").stdout.split()
    assert line[0] == b"8388608" and line[2] == b"big"
    [facts] = map(json.loads, run(server, "ls", "--json", "s3://bucket/big").stdout.splitlines())
    assert facts["key"] == "big" and facts["size"] == 8 << 20 and facts["etag"]


def test_cat_writes_what_is_there(server, client):
    done = run(server, "cat", "-v", "s3://bucket/big", "s3://bucket/keys/0000000000")
    assert done.returncode == 0 and len(done.stdout) == (8 << 20) + 1
    assert b"proven by crc64nvme" in done.stderr
    part = run(server, "cat", "--offset", "5", "--length", "7", "s3://bucket/big")
    assert part.stdout == done.stdout[5:12]
    assert part.stderr == b"", "no checksum speaks of a part, and nobody expects it"


def test_cat_says_what_no_digest_proves(server):
    by_length = ["--integrity", "length", "cat", "s3://bucket/keys/0000000000"]
    said = run(server, *by_length)
    assert (said.returncode, len(said.stdout)) == (0, 1)
    assert (
        b"s3://bucket/keys/0000000000: 1 bytes not proven by a digest: not asked for" in said.stderr
    )
    unsaid = run(server, "--require-proof", "no", *by_length)
    assert (unsaid.returncode, unsaid.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["cat", "s3://bucket/missing"], 1, b"NoSuchKey"),
        (["ls", "s3://nowhere"], 1, b"NoSuchBucket"),
        (["ls", "http://bucket"], 2, b"s3://bucket/key"),
        (["--integrity", "best", "ls"], 2, b"integrity"),
        (["ls", "--stall-timeout", "x"], 2, b"stall_timeout"),
        ([], 2, b"COMMAND"),
    ],
)
def test_a_failure_is_one_line_and_a_status(server, arguments, status, text):
    done = run(server, *arguments)
    assert done.returncode == status and text in done.stderr
    assert b"Traceback" not in done.stderr


def test_check_tells_what_works(server):
    done = run(server, "check", "s3://bucket/big")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert [line.split()[:2] for line in lines] == [
        ["reach", "ok"],
        ["sign", "ok"],
        ["list", "ok"],
        ["read", "ok"],
    ]
    assert "8388608 bytes, proven by crc64nvme" in lines[3]


@pytest.mark.parametrize(
    ("change", "place", "status"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "s3://bucket", 3),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "s3://bucket", 4),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "s3://bucket", 4),
        ({}, "s3://nowhere", 5),
        ({"AWS_ENDPOINT_URL": "ftp://x"}, "s3://bucket", 2),
    ],
)
def test_check_has_a_status_for_each_step(server, change, place, status):
    done = run(server, "--max-attempts", "1", "check", place, **change)
    assert done.returncode == status, done
    step = {3: b"reach", 4: b"sign", 5: b"list"}.get(status)
    if step is not None:
        [failed] = [line for line in done.stdout.splitlines() if b"FAILED" in line]
        assert failed.startswith(step)


def test_check_says_when_a_read_fails(tmp_path):
    import servers

    fault = servers.ROOT / "tests" / "faults" / "corrupt_byte_is_found_by_md5.fault"
    text = fault.read_text().split("---", 1)
    listing = tmp_path / "listed.fault"
    listing.write_text(
        text[0] + "---\nrequest GET /bucket?*\n  reply 200\n    Content-Length: {body_size}\n"
        '  body text "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>key</Key>'
        '<Size>{size}</Size></Contents></ListBucketResult>"' + text[1]
    )
    from test_faults import Played

    server = Played(listing, tmp_path)
    keys = {"AWS_ACCESS_KEY_ID": "AKIAFAULT", "AWS_SECRET_ACCESS_KEY": "secret"}
    more = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_REGION": "us-east-1", **keys}
    command = [*COMMAND, "check", "--addressing-style", "path", "--proxy", "none", "s3://bucket"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **more}, timeout=60)
    server.finish()
    assert done.returncode == 6, done
    assert b"read   FAILED" in done.stdout


def test_nobody_who_wants_the_rest_is_no_failure_to_tell(server):
    script = f"{sys.executable} -m s3stream cat s3://bucket/big | head -c 10 | wc -c"
    command = ["bash", "-c", f"set -o pipefail; {script}"]
    done = subprocess.run(command, capture_output=True, env=environment(server), timeout=60)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (141, b"10", b"")


def test_ctrl_c_ends_it_as_a_shell_expects(stalling):
    port = stalling.listener.getsockname()[1]
    command = [*COMMAND, "--anonymous", "--endpoint-url", f"http://127.0.0.1:{port}"]
    command += ["--proxy", "none", "cat", "s3://bucket/key"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as process:
        until(lambda: stalling.requests > 0)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (-signal.SIGINT, b"")


def test_progress_is_shown_on_a_terminal(monkeypatch):
    from s3stream.command import progress

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    times = iter([0.0, 0.05, 1.0, 1.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", Terminal())
    shown = progress.Progress()
    shown.bytes(1 << 20, 4 << 20)
    assert sys.stderr.getvalue() == "", "too soon"
    shown.bytes(2 << 20, 4 << 20)
    assert sys.stderr.getvalue() == "\r2.0 MiB of 4.0 MiB, 2.0 MiB/s"
    shown.end()
    assert sys.stderr.getvalue().endswith("\r")


def test_progress_is_for_terminals_only(server):
    assert run(server, "cat", "s3://bucket/big").stderr == b""


def test_control_characters_do_not_reach_a_terminal(server):
    server.put("odd\x1b[31mkey", b"")
    ours, theirs = pty.openpty()
    command = [*COMMAND, "ls", "s3://bucket/odd\x1b"]
    process = subprocess.Popen(command, stdout=theirs, env=environment(server))
    os.close(theirs)
    assert process.wait(20) == 0
    assert os.read(ours, 4096) == b"odd\\u{1b}[31mkey\r\n"
    os.close(ours)


def test_help_names_every_setting_but_the_secrets(server):
    text = run(server, "--help").stdout.decode()
    assert "--endpoint-url" in text and "--no-verify" in text
    assert "--secret-access-key" not in text and "--session-token" not in text


def test_it_works_over_tls(tmp_path):
    with Embedded("--bucket", "bucket", "--big", "1K", "--tls", str(tmp_path)) as server:
        server.environment["AWS_CA_BUNDLE"] = str(tmp_path / "ca.pem")
        done = run(server, "check", "s3://bucket")
    assert done.returncode == 0, done


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["cat", b"s3://bucket/\xff"], 2, b"is not UTF-8"),
        (["ls", b"s3://bucket/\xff"], 2, b"is not UTF-8"),
        (["cat", "--offset", "-1", "s3://bucket/big"], 2, b"not a number of bytes"),
        (["cat", "--length", str(1 << 64), "s3://bucket/big"], 2, b"not a number of bytes"),
    ],
)
def test_what_no_server_can_be_asked_for_is_a_wrong_command_line(server, arguments, status, text):
    done = run(server, *arguments)
    assert (done.returncode, b"Traceback" in done.stderr) == (status, False)
    assert text in done.stderr


def test_a_closed_output_is_a_failure_in_words(server):
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "-", *COMMAND, "cat", "s3://bucket/big"],
        stderr=subprocess.PIPE,
        env=environment(server),
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, b"s3stream: standard output is closed\n")


def test_a_closed_error_output_is_no_failure(server):
    done = subprocess.run(
        ["sh", "-c", '"$@" 2>&-', "-", *COMMAND, "ls", "s3://bucket"],
        stdout=subprocess.PIPE,
        env=environment(server),
        timeout=60,
    )
    assert (done.returncode, b"keys/\n" in done.stdout) == (0, True)


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\x9b", "\u2028", "\ufeff"])
def test_marks_that_deceive_are_escaped_in_errors(client, mark):
    with pytest.raises(s3stream.S3Error) as caught:
        client.open("bucket", f"invoice{mark}fdp.exe")
    assert mark not in str(caught.value) and "invoice\\u{" in str(caught.value)
