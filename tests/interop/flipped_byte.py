#!/usr/bin/env python3
"""A byte that a proxy flips in a multipart object is never backed up as if it were proven.

flipped_byte.py BACKUP

Puts multipart objects in parts of 8 MiB by a client that is not ours, and backs them up by BACKUP
(`s3stream-backup`) through a proxy that flips one byte of the largest: in no read of it, in the
first alone, in each. Run it beside a server that tells no part size:

    tests/interop/with-server radosgw -- tests/interop/flipped_byte.py BACKUP
"""

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from urllib.parse import urlsplit

import boto3
from boto3.s3.transfer import TransferConfig

PART = 8 << 20
LARGE = 100_000_000
KEYS = {"a": 20_000_000, "b": 30_000_000, "large": LARGE}
FLIPPED_AT = 60_000_000


class Flipping:
    """A proxy of bytes that flips one of what comes behind a GET of the largest object."""

    def __init__(self, upstream, times):
        self.upstream = (upstream.hostname, upstream.port)
        self.times = times
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.upstream)
            asked = {"flip": False, "passed": 0}
            for pump in (self.ask, self.answer):
                threading.Thread(target=pump, args=(client, server, asked), daemon=True).start()

    def ask(self, client, server, asked):
        while data := receive(client):
            if data.startswith(b"GET ") and b"/large HTTP" in data:
                with self.lock:
                    asked.update(flip=self.times > 0, passed=0)
                    self.times -= 1
            send(server, data)
        end(server)

    def answer(self, client, server, asked):
        while data := receive(server):
            at = FLIPPED_AT - asked["passed"]
            asked["passed"] += len(data)
            if asked["flip"] and 0 <= at < len(data):
                data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            send(client, data)
        end(client)


def receive(connection):
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""


def send(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        end(connection)


def end(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def put():
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    with tempfile.NamedTemporaryFile() as file:
        for key, size in KEYS.items():
            file.seek(0)
            file.write(hashlib.shake_128(key.encode()).digest(size))
            file.truncate()
            file.flush()
            client.upload_file(file.name, os.environ["S3STREAM_BUCKET"], key, Config=transfer)


def back_up(backup, times, *arguments):
    """The exit status, what was said, and the record of each key."""
    proxy = Flipping(urlsplit(os.environ["AWS_ENDPOINT_URL"]), times)
    with tempfile.TemporaryDirectory() as folder:
        manifest = os.path.join(folder, "out.jsonl")
        command = [backup, f"s3://{os.environ['S3STREAM_BUCKET']}", "--endpoint-url", proxy.url]
        command += ["-o", os.path.join(folder, "out.tar"), "--manifest", manifest, *arguments]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=300)
        with open(manifest, encoding="utf-8") as file:
            lines = map(json.loads, file)
            records = {record["key"]: record for record in lines if "outcome" in record}
    proxy.listener.close()
    said = done.stderr.decode()
    print(f"flipped {times} times {' '.join(arguments)}:", records["large"], flush=True)
    return done.returncode, said, records


def main():
    backup = sys.argv[1]
    put()

    status, said, records = back_up(backup, 0)
    assert status == 0, said
    assert all(record["method"] == "composite" for record in records.values()), records
    assert "not proven" not in said, said

    # On the way: the second read is another.
    status, said, records = back_up(backup, 1)
    assert status == 1 and records["large"]["error"]["kind"] == "integrity", said
    assert records["a"]["method"] == records["b"]["method"] == "composite"

    # As if at rest: both reads are the same, and the neighbours agree at 8 MiB.
    status, said, records = back_up(backup, 99)
    large = records["large"]
    assert status == 0 and (large["method"], large["unproven"]) == ("length", "read twice"), said
    assert large["reread"] == LARGE and large["probably_damaged"], large
    assert "1 of 3 objects is not proven by a digest: read twice 1" in said, said
    assert "complete and intact" not in said.lower(), said

    status, said, records = back_up(backup, 99, "--set", "require_proof=yes")
    assert status == 1 and "probably damaged" in records["large"]["error"]["message"], said


if __name__ == "__main__":
    main()
