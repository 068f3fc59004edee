"""Starts servers, makes clients, walks listings."""

import hashlib
import subprocess
import sys
from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


@contextmanager
def running(*arguments):
    """Starts the program and yields its environment lines."""
    command = [sys.argv[1], "--until-stdin-closes", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline().startswith("ready http")
            environment = {}
            for line in process.stdout:
                name, value = line.rstrip("\n").split("=", 1)
                environment[name] = value
                if name == "AWS_REGION" and "--tls" not in arguments or name == "AWS_CA_BUNDLE":
                    break
            yield environment
        finally:
            process.stdin.close()
            assert process.wait(20) == 0


def client(environment, **changes):
    style = changes.pop("addressing_style", "path")
    settings = {
        "endpoint_url": environment["AWS_ENDPOINT_URL"],
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": environment.get("AWS_SESSION_TOKEN"),
        "region_name": environment["AWS_REGION"],
        "verify": environment.get("AWS_CA_BUNDLE"),
    }
    settings.update(changes)
    config = Config(
        signature_version="s3v4", s3={"addressing_style": style}, retries={"total_max_attempts": 1}
    )
    return boto3.session.Session().client("s3", config=config, **settings)


@contextmanager
def fails(code, status):
    """Expects the block to fail like this; yields a dict that gets the reply."""
    reply = {}
    try:
        yield reply
    except ClientError as error:
        reply.update(error.response)
        seen = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert seen == (code, status), f"{seen} instead of {(code, status)}"
    else:
        raise AssertionError(f"no {code}")


def headers(reply):
    return reply["ResponseMetadata"]["HTTPHeaders"]


def utf8(key):
    return key.encode()


def md5(data):
    return hashlib.md5(data).hexdigest()


def pages(s3, operation, bucket, **arguments):
    yield from s3.get_paginator(operation).paginate(Bucket=bucket, **arguments)


def list_v2(s3, bucket, **arguments):
    """Keys and common prefixes in the order of the pages."""
    return [
        name for page in pages(s3, "list_objects_v2", bucket, **arguments) for name in names(page)
    ]


def list_v1(s3, bucket, **arguments):
    return [name for page in pages(s3, "list_objects", bucket, **arguments) for name in names(page)]


def names(page):
    found = [entry["Key"] for entry in page.get("Contents", [])]
    found += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    return sorted(found, key=utf8)


def list_versions(s3, bucket, **arguments):
    """(key, version id, is latest, is marker), or (prefix,)."""
    found = []
    for page in pages(s3, "list_object_versions", bucket, **arguments):
        entries = [
            (one["Key"], one["VersionId"], one["IsLatest"], False)
            for one in page.get("Versions", [])
        ]
        entries += [
            (one["Key"], one["VersionId"], one["IsLatest"], True)
            for one in page.get("DeleteMarkers", [])
        ]
        entries += [(one["Prefix"],) for one in page.get("CommonPrefixes", [])]
        # boto3 sorts markers apart: only keys can be compared within a page.
        found += sorted(entries, key=lambda entry: utf8(entry[0]))
    return found
