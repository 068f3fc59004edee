#!/usr/bin/env python3
"""A reader that pauses longer than RadosGW's time-out still ends with identical bytes.

paused_reader.py BACKUP [--size MIB] [--pause SECONDS] [--places N]

Puts an object by a client that is not ours, reads it by s3stream with N pauses
(`tests/rust/interop_pauses.rs`), and backs it up by BACKUP (`s3stream-backup`) into a pipe
that is not read for as long. Run it beside a server that drops stalled readers:

    RGW_FRONTEND_EXTRA=request_timeout_ms=3000 tests/interop/with-server radosgw -- ...
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import time

import boto3


def put(path, size):
    """Uploads `size` MiB of bytes that do not repeat, and returns their SHA-256."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for block in range(size):
            data = hashlib.shake_128(block.to_bytes(8, "little")).digest(1 << 20)
            digest.update(data)
            file.write(data)
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    with open(path, "rb") as file:
        client.put_object(Bucket=os.environ["S3STREAM_BUCKET"], Key="paused", Body=file)
    return digest.hexdigest()


def sha256(file):
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def read(expected, options):
    command = ["cargo", "test", "--quiet", "--package", "s3stream-tests"]
    command += ["--test", "interop_pauses", "--"]
    command += ["--pause", str(options.pause), "--places", str(options.places)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
    print("reader:", said.strip())
    assert f"sha256={expected} " in said, "the bytes differ"
    resumes = int(said.split("resumes=")[1].split()[0])
    assert resumes >= options.places, f"only {resumes} resumes in {options.places} pauses"


def back_up(backup, expected, options, folder):
    command = [backup, f"s3://{os.environ['S3STREAM_BUCKET']}/paused", "-o", "-"]
    command += ["--manifest", os.path.join(folder, "manifest.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # The pipe is full long before: the program is blocked in its output.
        time.sleep(options.pause)
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            member = archive.next()
            got = sha256(archive.extractfile(member))
            assert archive.next() is None
        said = process.stderr.read().decode()
    with open(os.path.join(folder, "manifest.jsonl"), encoding="utf-8") as file:
        print("backup:", file.read().strip())
    assert process.returncode == 0, said
    assert got == expected, "the bytes differ"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("backup")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--pause", type=int, default=4)
    parser.add_argument("--places", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        expected = put(os.path.join(folder, "object"), options.size)
        read(expected, options)
        back_up(options.backup, expected, options, folder)
    print("2 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
