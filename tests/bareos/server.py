"""Servers for the tests: an honest one, and one that plays faults."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterable, Optional

import boto3
from botocore.config import Config

sys.path.append(str(Path(__file__).resolve().parent.parent / "interop"))
import raw_s3  # noqa: E402

_numbers = itertools.count(1)


class Server:
    """An honest S3 server, and a client that is not ours to fill it with."""

    def __init__(self, environment: Dict[str, str], process: Optional[Any] = None) -> None:
        self.endpoint_url = environment["AWS_ENDPOINT_URL"]
        self.access_key_id = environment["AWS_ACCESS_KEY_ID"]
        self.secret_access_key = environment["AWS_SECRET_ACCESS_KEY"]
        self.region = environment["AWS_REGION"]
        self._process = process
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=self.region,
            config=Config(s3={"addressing_style": "path"}),
        )

    @classmethod
    def start(cls, programs: Path) -> Server:
        """The server that with-server has started, or an embedded one."""
        if "S3STREAM_SERVER" in os.environ:
            return cls(dict(os.environ))
        process = subprocess.Popen(
            [programs / "s3stream-embedded-server", "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        environment = {}
        for line in process.stdout or ():
            name, equals, value = line.rstrip("\n").partition("=")
            if equals:
                environment[name] = value
            if name == "AWS_REGION":
                break
        return cls(environment, process)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait(10)
            self._process.stdout.close()

    def new_bucket(self) -> str:
        """Creates a bucket."""
        name = f"plugin-{os.getpid()}-{next(_numbers)}"
        self.s3.create_bucket(Bucket=name)
        return name

    def remove_bucket(self, name: str) -> None:
        """Removes a bucket and what is in it."""
        for key in self.keys(name):
            self.delete_exactly(name, key)
        self.s3.delete_bucket(Bucket=name)

    def keys(self, bucket: str) -> Iterable[str]:
        """All keys of a bucket."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def put(self, bucket: str, key: str, body: bytes = b"", **more: Any) -> None:
        """Puts an object."""
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, **more)

    def put_exactly(self, bucket: str, key: str, body: bytes) -> None:
        """Puts an object under a key that clients like to tidy."""
        reply = self._raw("PUT", bucket, key, body)
        assert reply.status == 200, f"{key!r}: {reply.status} {reply.body!r}"

    def delete_exactly(self, bucket: str, key: str) -> None:
        """Deletes an object under a key that clients like to tidy."""
        self._raw("DELETE", bucket, key)

    def _raw(self, method: str, bucket: str, key: str, body: bytes = b"") -> Any:
        os.environ.update(
            AWS_ENDPOINT_URL=self.endpoint_url,
            AWS_ACCESS_KEY_ID=self.access_key_id,
            AWS_SECRET_ACCESS_KEY=self.secret_access_key,
            AWS_REGION=self.region,
        )
        return raw_s3.request(method, bucket, key, body=body)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Deletes objects."""
        for key in keys:
            self.s3.delete_object(Bucket=bucket, Key=key)

    def modified(self, bucket: str, key: str) -> int:
        """When an object was last written, in whole seconds since 1970."""
        reply = self.s3.head_object(Bucket=bucket, Key=key)
        return int(reply["LastModified"].timestamp())


class FaultServer:
    """A server that plays one transcript."""

    access_key_id = "AKIAFAULT"
    secret_access_key = "secret"
    region = "us-east-1"

    def __init__(self, programs: Path, directory: Path, name: str) -> None:
        self._process = subprocess.Popen(
            [programs / "s3stream-fault-server", directory / f"{name}.fault"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        ready = self._process.stdout.readline().split()
        assert ready[:1] == ["ready"], self._process.communicate()
        self.endpoint_url = ready[1]
        self._is_stopped = False

    def stop(self) -> None:
        """Ends the server; what the client did otherwise than the transcript says is an error."""
        if self._is_stopped:
            return
        self._is_stopped = True
        _, said = self._process.communicate("", timeout=10)
        assert self._process.returncode == 0, said
