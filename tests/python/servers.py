"""The servers that the tests talk to, each a process or a thread of its own on loopback."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest import mock

import s3stream

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"

sys.path.insert(0, str(ROOT / "tests" / "interop"))

import raw_s3  # noqa: E402


def until(condition, seconds=20.0):
    """Waits for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.005)


def pattern(seed, length):
    """Bytes that look random and are the same every time."""
    state, out = seed * 2654435761 % (1 << 64) or 1, bytearray()
    while len(out) < length:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        out += state.to_bytes(8, "little")
    return bytes(out[:length])


class Embedded:
    """The embedded S3 server of this repository, as a program."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        command = [str(PROGRAMS / "s3stream-embedded-server"), "--until-stdin-closes"]
        self.process = subprocess.Popen(
            [*command, *self.arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline().startswith("ready ")
        self.environment = {}
        while "AWS_REGION" not in self.environment:
            name, value = self.process.stdout.readline().rstrip("\n").split("=", 1)
            self.environment[name] = value
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(20) == 0

    @property
    def endpoint(self):
        return self.environment["AWS_ENDPOINT_URL"]

    def client(self, **settings):
        given = {
            "endpoint_url": self.endpoint,
            "access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
            "secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
            "proxy": "none",
        }
        return s3stream.Client(**{**given, **settings})

    def request(self, method, key=None, body=b"", bucket="bucket", **more):
        """One request by other code than s3stream's."""
        with mock.patch.dict(os.environ, self.environment):
            reply = raw_s3.request(method, bucket, key, body=body, **more)
        assert reply.status < 300, reply.body
        return reply

    def put(self, key, body, **more):
        return self.request("PUT", key, body, **more)


class Stalling:
    """Answers every GET with half of a body, and the rest once `go_on` is set."""

    CONTENT = pattern(3, 200_000)
    HALF = 100_000

    def __init__(self):
        self.go_on = threading.Event()
        self.is_mute = False
        self.requests = 0
        self.open = 0

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.listener.close()

    def client(self, **settings):
        port = self.listener.getsockname()[1]
        given = {"endpoint_url": f"http://127.0.0.1:{port}", "anonymous": True, "proxy": "none"}
        return s3stream.Client(**{**given, **settings})

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        self.open += 1
        try:
            with connection:
                while self._answer(connection):
                    pass
        except OSError:
            pass
        finally:
            self.open -= 1

    def _answer(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return False
            head += piece
        self.requests += 1
        if self.is_mute:
            gone = not self._wait(connection)
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return not gone
        first = re.search(rb"(?i)range: bytes=(\d+)-", head)
        first = int(first.group(1)) if first else 0
        body = self.CONTENT[first:]
        lines = [
            "HTTP/1.1 206 Partial Content" if first else "HTTP/1.1 200 OK",
            f"Content-Length: {len(body)}",
            'ETag: "opaque"',
            "Last-Modified: Fri, 24 May 2013 00:00:00 GMT",
        ]
        if first:
            total = len(self.CONTENT)
            lines.append(f"Content-Range: bytes {first}-{total - 1}/{total}")
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[: self.HALF])
        if not self._wait(connection):
            return False
        connection.sendall(body[self.HALF :])
        return True

    def _wait(self, connection):
        """Waits to be told to go on; false if the client has gone."""
        connection.settimeout(0.01)
        while not self.go_on.is_set():
            try:
                if not connection.recv(1):
                    return False
            except TimeoutError:
                continue
            except socket.timeout:
                continue
        connection.settimeout(None)
        return True
