"""Fills a real server with small objects that everybody may read: the bare GETs are not signed."""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--digits", type=int, default=6)
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    wanted = parser.parse_args()
    # RadosGW 16 knows nothing of checksum trailers.
    config = Config(request_checksum_calculation="when_required", max_pool_connections=16)
    s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=config)

    def put(number: int) -> None:
        key = f"{wanted.prefix}{number:0{wanted.digits}}"
        body = (key.encode() * (wanted.size // len(key) + 1))[: wanted.size]
        s3.put_object(Bucket=wanted.bucket, Key=key, Body=body, ACL="public-read")

    with ThreadPoolExecutor(16) as threads:
        for _ in threads.map(put, range(wanted.objects)):
            pass


if __name__ == "__main__":
    main()
