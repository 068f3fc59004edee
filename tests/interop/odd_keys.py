"""Fills a bucket with 200 odd keys by boto3 and writes down what a reader must find.

    odd_keys.py FACTS.json

Needs boto3, and the environment that tests/interop/with-server sets. Every key is put by
boto3 and fetched again by a raw signed request whose path is exact by construction: only what
comes back under that very path counts as stored. Where boto3 cannot (clients like to tidy
paths), the raw request puts the key, and the table says so. A key that the server refuses, or
answers under another name only, is `stored: false` with the server's answer; a key that it
keeps but does not list is `listed: false`.

A second bucket gets versions and delete markers, and a third a multipart object; all that
boto3 says about them goes into the facts as well. tests/rust/interop.rs reads them.
"""

import hashlib
import json
import os
import re
import sys
from urllib.parse import unquote_plus

import boto3
import raw_s3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

COUNT = 200

HANDMADE = [
    # Blanks, plus and percent: whatever decodes twice or not at all stumbles here.
    " leading blank",
    "trailing blank ",
    "a b+c",
    "a+b c",
    "100%",
    "100%25",
    "100%2525",
    "not%2Fa%2Fslash",
    "not%2fa%2fslash",
    "plus%2Bplus+",
    "%00",
    "%zz",
    # Slashes: keys are no paths.
    "/",
    "//",
    "///",
    "/leading",
    "//leading twice",
    "trailing/",
    "trailing//",
    "double//slash",
    "/around/",
    # Dots: no segment of a key has a meaning.
    ".",
    "..",
    "...",
    "./here",
    "../up",
    "dots/./here",
    "dots/../up",
    "dots/..",
    "dots/.",
    "../../../etc/passwd",
    "%2e%2e/encoded",
    # What XML, HTML, shells and URLs give a meaning to.
    "quotes \" and '",
    "<tag attribute='&amp;'>",
    "&amp;",
    "&#x41;",
    "]]>",
    "question?mark=1&x#fragment",
    "?versions",
    "?uploads&x",
    "semi;colon:comma,at@dollar$",
    "back\\slash\\",
    "$(command) `command` ${x}",
    "=cmd|'/c calc'!A1",
    # More than one line, control characters.
    "line\nbreak",
    "carriage\r\nreturn",
    "tab\tstop",
    "start of heading \x01",
    "escape \x1b[31mred",
    "next line \x85",
    # Beyond ASCII: composed and decomposed are two keys; the ends of the planes.
    "umlaut \u00e4",
    "umlaut a\u0308",
    "\u65e5\u672c\u8a9e/\u30d5\u30a1\u30a4\u30eb",
    "emoji \U0001f980",
    "family \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "right to left \u202e gpj.exe",
    "no-break\u00a0space",
    "line separator \u2028",
    "byte order mark \ufeff",
    "end of the first plane \uffff",
    "start of the second plane \U00010000",
    "before the surrogates \ud7ff",
    # As long as a key may be, in characters of one, two and four bytes, and as one segment more.
    "k" * 1024,
    "\u00e9" * 512,
    "\U0001f980" * 256,
    "d/" * 511 + "ff",
    # Neighbours of the slash and of each other, in both cases: order is by bytes.
    "order/a",
    "order.a",
    "order0a",
    "order",
    "ORDER/a",
    "Order",
    "order/A",
]


def keys():
    """The keys, always the same: the ones by hand, then one for each ASCII character."""
    found = list(HANDMADE)
    found += [f"ascii/{code:03}-{chr(code)}-" for code in range(1, 128)]
    assert len(found) == len(set(found)) == COUNT, len(found)
    assert all(len(key.encode()) <= 1024 for key in found)
    return found


def content(index, key):
    """What is stored under a key: no two alike, one empty, a few longer than a packet."""
    if index == 5:
        return b""
    return (f"{index}:{key}\n".encode()) * (1 if index % 16 else 5000)


def client():
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 1},
        # Swift and rclone know nothing of checksum trailers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name=os.environ["AWS_REGION"],
        config=config,
    )


def fill(s3, bucket):
    """Puts every key; what became of each."""
    facts = []
    for index, key in enumerate(keys()):
        body = content(index, key)
        by, answer = "boto3", put_by_boto3(s3, bucket, key, body)
        if answer is None:
            answer = differs(bucket, key, body)
        if answer is not None:
            by, answer = "raw request", put_raw(bucket, key, body) or differs(bucket, key, body)
        facts.append(
            {
                "key": key,
                "size": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
                "stored": answer is None,
                "by": by,
                "answer": answer,
            }
        )
    listed = list_keys(s3, bucket)
    for fact in facts:
        # What a later key did to an earlier one: a file system cannot hold `a` and `a/b`.
        if fact["stored"]:
            body = raw_s3.request("GET", bucket, fact["key"]).body
            if hashlib.sha256(body).hexdigest() != fact["sha256"]:
                fact.update(stored=False, answer="PUT and GET are accepted, later it is gone")
        fact["listed"] = fact["key"] in listed
    return facts, listed


def put_by_boto3(s3, bucket, key, body):
    """None, or the server's answer."""
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{status} {error.response['Error']['Code']}"
    except BotoCoreError as error:
        return f"boto3: {error}"
    return None


def put_raw(bucket, key, body):
    reply = raw_s3.request("PUT", bucket, key, body=body)
    if reply.status == 200:
        return None
    code = re.search(rb"<Code>(.*?)</Code>", reply.body)
    return f"{reply.status} {code.group(1).decode() if code else reply.body[:80]!r}"


def differs(bucket, key, body):
    """None if the key holds these bytes, or what the server answers instead."""
    reply = raw_s3.request("GET", bucket, key)
    if reply.status == 200 and reply.body == body:
        return None
    if reply.status == 200:
        return f"PUT is accepted, GET answers 200 with {len(reply.body)} other bytes"
    return f"PUT is accepted, GET answers {reply.status}"


def list_keys(s3, bucket):
    """All keys by boto3's paginator, in the server's order."""
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        found += [entry["Key"] for entry in page.get("Contents", [])]
    return found


def versions(s3, bucket):
    """Makes versions and delete markers; every version there is, or None without versioning."""
    s3.create_bucket(Bucket=bucket)
    try:
        # What is there before versioning is switched on is the version `null`.
        s3.put_object(Bucket=bucket, Key="older than versioning", Body=b"null version")
        enabled = {"Status": "Enabled"}
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
    except ClientError as error:
        return None, error.response["Error"]["Code"]
    names = ["plain", "plain/below", "a b+c%2F", "dots/../up", "line\nbreak", "emoji \U0001f980", "z"]
    for turn in range(5):
        for name in names:
            s3.put_object(Bucket=bucket, Key=name, Body=f"{turn} of {name}".encode() * (turn + 1))
        for name in names[turn % 3 :: 3]:
            s3.delete_object(Bucket=bucket, Key=name)
    for turn in range(20):
        s3.put_object(Bucket=bucket, Key="many versions", Body=b"v" * turn)
    s3.delete_object(Bucket=bucket, Key="deleted before it existed")
    s3.put_object(Bucket=bucket, Key="older than versioning", Body=b"new version")
    return list(list_versions(s3, bucket)), None


def list_versions(s3, bucket):
    """Every version with the digest of its bytes.

    Asks for EncodingType itself: botocore would decode NextKeyMarker, which RadosGW does not
    encode. The next page starts behind the greatest key instead.
    """
    marker = {}
    while True:
        page = s3.list_object_versions(Bucket=bucket, EncodingType="url", **marker)
        entries = [(entry, False) for entry in page.get("Versions", [])]
        entries += [(entry, True) for entry in page.get("DeleteMarkers", [])]
        for entry, is_delete_marker in entries:
            key = unquote_plus(entry["Key"])
            yield {
                "key": key,
                "version_id": entry["VersionId"],
                "is_latest": entry["IsLatest"],
                "is_delete_marker": is_delete_marker,
                "size": entry.get("Size", 0),
                "last_modified": entry["LastModified"].timestamp(),
                "sha256": None if is_delete_marker else digest(s3, bucket, key, entry["VersionId"]),
            }
        if not page["IsTruncated"]:
            return
        greatest = max((unquote_plus(entry["Key"]) for entry, _ in entries), key=str.encode)
        marker = {"KeyMarker": greatest, "VersionIdMarker": page["NextVersionIdMarker"]}


def digest(s3, bucket, key, version_id):
    reply = s3.get_object(Bucket=bucket, Key=key, VersionId=version_id)
    return hashlib.sha256(reply["Body"].read()).hexdigest()


def multipart(s3, bucket):
    """An object of three parts, the last one shorter."""
    key, part = "multipart/three parts", 5 << 20
    body = bytes(hashlib.sha256(b"multipart").digest() * (part // 32 * 2 + 12345))
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    place = {"Bucket": bucket, "Key": key, "UploadId": upload}
    parts = []
    for number in (1, 2, 3):
        piece = body[(number - 1) * part : number * part]
        reply = s3.upload_part(PartNumber=number, Body=piece, **place)
        parts.append({"ETag": reply["ETag"], "PartNumber": number})
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **place)
    return {"key": key, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def report(server, facts, versions_refused):
    """The table of this server: every key that is not simply there, by name."""
    refused = [fact for fact in facts if not fact["stored"]]
    unlisted = [fact for fact in facts if fact["stored"] and not fact["listed"]]
    raw = [fact for fact in facts if fact["stored"] and fact["by"] != "boto3"]
    print(
        f"odd keys on {server}: {len(facts)} put, {len(facts) - len(refused)} stored "
        f"({len(raw)} by a raw request), {len(refused)} refused, {len(unlisted)} not listed; "
        f"versions: {'refused, ' + versions_refused if versions_refused else 'yes'}"
    )
    for fact in refused:
        print(f"  refused     {short(fact['key']):44} {fact['answer']}")
    for fact in unlisted:
        print(f"  not listed  {short(fact['key'])}")
    for fact in raw:
        print(f"  raw request {short(fact['key'])}")


def short(key):
    text = ascii(key)
    return text if len(text) <= 40 else f"{text[:30]}...({len(key.encode())} bytes)"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    s3 = client()
    bucket, server = os.environ["S3STREAM_BUCKET"], os.environ["S3STREAM_SERVER"]
    facts, listed = fill(s3, bucket)
    # SeaweedFS maps keys to files, and lists versions that it does not give.
    all_versions, versions_refused = None, "not tried"
    if server != "seaweedfs":
        all_versions, versions_refused = versions(s3, bucket + "-versions")
    s3.create_bucket(Bucket=bucket + "-multipart")
    in_parts = multipart(s3, bucket + "-multipart")
    report(server, facts, versions_refused)
    with open(sys.argv[1], "w", encoding="ascii") as out:
        json.dump(
            {
                "server": server,
                "bucket": bucket,
                "objects": facts,
                "listed_by_boto3": listed,
                "versions_bucket": bucket + "-versions",
                "versions": all_versions,
                "multipart_bucket": bucket + "-multipart",
                "multipart": in_parts,
            },
            out,
            indent=1,
        )


if __name__ == "__main__":
    main()
