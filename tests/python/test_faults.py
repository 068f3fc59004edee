"""Transcripts of faults, played to the Python package: every kind of error, and none made up.

One transcript for each kind of error and group of faults; all of them with S3STREAM_ALL_FAULTS=1.
"""

import hashlib
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
import s3stream
from servers import PROGRAMS, ROOT

FAULTS = ROOT / "tests" / "faults"


def options(text):
    return {
        name: unquote(value) for name, _, value in (one.partition("=") for one in text.split())
    }


def settings_of(path):
    text = path.read_text().split("---")[0]
    return dict(re.findall(r"^(group|expect):\s*(.*)$", text, re.MULTILINE))


def is_told_here(path):
    """Whether the package has the verb: it does not write yet."""
    return settings_of(path)["group"] != "write"


def chosen():
    """All transcripts, or the first of each group and outcome."""
    paths = [path for path in sorted(FAULTS.glob("*.fault")) if is_told_here(path)]
    if os.environ.get("S3STREAM_ALL_FAULTS"):
        return paths
    first = {}
    for path in paths:
        settings = settings_of(path)
        kind = options(settings["expect"]).get("kind", "ok")
        first.setdefault((settings["group"], kind), path)
    return sorted(first.values())


class Played:
    """The fault server with one transcript."""

    def __init__(self, path, directory):
        self.ca = directory / "ca.pem"
        command = [str(PROGRAMS / "s3stream-fault-server"), str(path), "--ca", str(self.ca)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.endpoint = self.process.stdout.readline().split()[1]
        lines = iter(self.process.stdout.readline, "\n")
        self.settings = dict(line.rstrip("\n").split("=", 1) for line in lines)

    def client(self):
        given = {"connect_timeout": 5, "stall_timeout": 5, "max_attempts": 4, "retry_for": 0}
        given.update(retry_base_delay=0.001, retry_max_delay=0.02, region="us-east-1")
        given.update(endpoint_url=self.endpoint, addressing_style="path", proxy="none")
        for name in ("access_key_id", "secret_access_key"):
            if name in self.settings:
                given[name] = self.settings[name]
        if self.ca.exists() and self.ca.stat().st_size:
            given["ca_bundle"] = self.ca
        given.update(options(self.settings["config"]))
        return s3stream.Client(**given)

    def finish(self):
        """What the client did that was not expected."""
        _, stderr = self.process.communicate(timeout=30)
        return stderr if self.process.returncode else ""


def run(client, task, ended):
    verb, _, rest = task.partition(" ")
    given = options(rest)
    bucket, key = given.get("bucket", "bucket"), given.get("key", "key")
    if verb == "buckets":
        ended["keys"] = [one.name for one in client.list_buckets()]
    elif verb == "head":
        ended["size"] = client.head(bucket, key, version_id=given.get("version_id")).size
    elif verb == "list":
        listing(client, bucket, given, ended)
    else:
        read(client, bucket, key, given, ended)


def listing(client, bucket, given, ended):
    names = ("delimiter", "start_after", "end_at")
    wishes = {name: given[name] for name in names if name in given}
    for name in ("versions", "prove_end", "ordered"):
        wishes[name] = name in given
    ended["keys"], ended["prefixes"], ended["unreadable"] = [], [], []
    entries = client.list(bucket, given.get("prefix", ""), **wishes)
    for entry in entries.each(lambda error: ended["unreadable"].append(error.entry)):
        if isinstance(entry, s3stream.Object):
            ended["keys"].append(entry.key)
        else:
            ended["prefixes"].append(entry.prefix)
    summary = entries.summary
    ended.update(end=summary.end, order=summary.order, early_ends=summary.early_ends)
    assert summary.unreadable == len(ended["unreadable"])


def read(client, bucket, key, given, ended):
    numbers = {name: int(given[name]) for name in ("offset", "length") if name in given}
    wishes = {name: given[name] for name in ("version_id", "if_match") if name in given}
    if wishes.get("if_match") == "{etag}":
        wishes["if_match"] = ended["etag"]
    if "listed_etag" in given:
        size = int(given.get("listed_size", 0))
        wishes["listed"] = s3stream.Object(key, size, given["listed_etag"])
    after, _, seconds = given.get("pause", "-1:0").partition(":")
    buffer = bytearray(int(given.get("read_size", 65536)))
    ended["data"] = b""
    with client.open(bucket, key, **numbers, **wishes) as reader:
        while True:
            try:
                count = reader.readinto(buffer)
            except s3stream.S3Error as error:
                with pytest.raises(type(error)):
                    reader.readinto(buffer)
                assert reader.verdict is None
                raise
            if not count:
                break
            ended["data"] += buffer[:count]
            if 0 <= int(after) <= len(ended["data"]):
                # The pause is what the transcript is about.
                time.sleep(float(seconds))
                after = -1
    verdict = reader.verdict
    ended.update(verdict=verdict.method, size=verdict.bytes, resumes=verdict.resumes)
    ended.update(retries=verdict.retries, unproven=verdict.unproven, reread=verdict.reread)
    ended["newer"] = int(reader.is_newer_than_listed)


def allows(expected, actual):
    """Whether a count of the transcript (`3`, `1..3`, `1..`) allows a number."""
    match = re.fullmatch(r"(\d+)(\.\.)?(\d*)", expected)
    if match is None:
        return False
    first, dots, last = match.groups()
    if not dots:
        return actual == int(first)
    return int(first) <= actual and (not last or actual <= int(last))


def play(path, directory):
    """Plays one transcript: everything that did not end as it says."""
    server = Played(path, directory)
    client, ended, error = server.client(), {"etag": server.settings["object.md5"]}, None
    if "before" in server.settings:
        run(client, server.settings["before"], {})
    try:
        run(client, server.settings["do"], ended)
    except s3stream.S3Error as caught:
        # Its frames hold the reader, and that its connection, for which the server waits.
        error = caught.with_traceback(None)
        error.__context__ = None
    client.close()
    wrong = list(judge(server, ended, error))
    stderr = server.finish()
    return wrong + [stderr] if stderr else wrong


def judge(server, ended, error):
    outcome, _, rest = server.settings["expect"].partition(" ")
    if (outcome == "error") != (error is not None):
        yield f"it ended with {error!r}"
        return
    facts = dict(ended)
    if error is not None:
        names = ("kind", "code", "status", "attempts")
        facts.update({name: getattr(error, name) for name in names})
        facts["delivered"] = len(ended.get("data", b""))
        if "\n" in str(error):
            yield f"more than one line: {error}"
    elif "data" in ended and len(ended["data"]) == int(server.settings["object.size"]):
        if hashlib.md5(ended["data"]).hexdigest() != server.settings["object.md5"]:
            yield "the bytes are not the object's"
    for name, value in options(rest).items():
        if not agrees(value, facts.get(name)):
            yield f"{name} is {facts.get(name)!r}, not {value}; {error}"


def agrees(expected, actual):
    if isinstance(actual, list):
        return actual == expected.split(",") or allows(expected, len(actual))
    return allows(expected, actual) if isinstance(actual, int) else str(actual) == expected


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """All transcripts, several at once: most of their time is waiting.

    They are over before the first test begins. pytest changes the environment between tests, and
    a process that another thread starts just then may find it gone (EFAULT).
    """
    with ThreadPoolExecutor(8) as pool:
        return {
            path: pool.submit(play, path, tmp_path_factory.mktemp("fault")) for path in chosen()
        }


@pytest.mark.parametrize("path", chosen(), ids=lambda path: path.stem)
def test_a_fault_ends_as_its_transcript_says(outcomes, path, tmp_path):
    wrong = outcomes[path].result()
    if wrong and re.search(r"(pause|_timeout)=", path.read_text()):
        # Where the clock decides, a crowd may have kept the consumer away: once more, alone.
        wrong = play(path, tmp_path)
    assert wrong == []


def test_every_kind_that_a_server_can_cause_is_played():
    kinds = {options(settings_of(path)["expect"]).get("kind") for path in chosen()}
    made_here = {"cancelled", "internal", "already_exists"}
    table = {kind for _, kind, _, _ in s3stream._native.error_kinds()}
    assert kinds - {None} == table - made_here
