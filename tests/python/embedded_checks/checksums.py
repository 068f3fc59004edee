"""Checksums and multipart uploads."""

import base64
import hashlib
import os
import tempfile
import urllib.request
import zlib

from embedded_checks.harness import client, fails, headers, md5, running


def check_checksums():
    data = b"123456789"
    values = {
        "CRC32": "y/Q5Jg==",
        "CRC32C": "4waSgw==",
        "CRC64NVME": "rosUhgp5mIg=",
        "SHA1": base64.b64encode(hashlib.sha1(data).digest()).decode(),
        "SHA256": base64.b64encode(hashlib.sha256(data).digest()).decode(),
    }
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        for algorithm, value in values.items():
            member = f"Checksum{algorithm}"
            s3.put_object(Bucket="bucket", Key=algorithm, Body=data, **{member: value})
            for read in (s3.get_object, s3.head_object):
                reply = read(Bucket="bucket", Key=algorithm, ChecksumMode="ENABLED")
                assert reply[member] == value and reply["ChecksumType"] == "FULL_OBJECT"
            wrong = base64.b64encode(bytes(len(base64.b64decode(value)))).decode()
            with fails("BadDigest", 400):
                s3.put_object(Bucket="bucket", Key="bad", Body=data, **{member: wrong})
        plain = urllib.request.Request(
            s3.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "plain"}),
            data=data,
            method="PUT",
            headers={"Content-Type": ""},
        )
        assert urllib.request.urlopen(plain).status == 200
        reply = s3.head_object(Bucket="bucket", Key="plain", ChecksumMode="ENABLED")
        assert reply["ChecksumCRC64NVME"] == values["CRC64NVME"]
        entry = s3.list_objects_v2(Bucket="bucket", Prefix="plain")["Contents"][0]
        assert (
            entry["ChecksumAlgorithm"] == ["CRC64NVME"] and entry["ChecksumType"] == "FULL_OBJECT"
        )
    with running("--bucket", "bucket", "--no-default-checksum", "--keys", "1") as environment:
        s3 = client(environment)
        reply = s3.head_object(Bucket="bucket", Key="keys/0000000000", ChecksumMode="ENABLED")
        assert not [name for name in headers(reply) if name.startswith("x-amz-checksum")]


def check_multipart():
    with running("--bucket", "bucket", "--min-part-size", "100") as environment:
        s3 = client(environment)
        parts = [b"a" * 1000, b"b" * 500, b"c"]
        for options, checksum in [
            (
                {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"},
                (
                    "ChecksumCRC32",
                    base64.b64encode(zlib.crc32(b"".join(parts)).to_bytes(4, "big")).decode(),
                    "FULL_OBJECT",
                ),
            ),
            (
                {"ChecksumAlgorithm": "SHA256"},
                (
                    "ChecksumSHA256",
                    base64.b64encode(
                        hashlib.sha256(
                            b"".join(hashlib.sha256(part).digest() for part in parts)
                        ).digest()
                    ).decode()
                    + "-3",
                    "COMPOSITE",
                ),
            ),
            (
                {"ChecksumAlgorithm": "CRC32"},
                (
                    "ChecksumCRC32",
                    base64.b64encode(
                        zlib.crc32(
                            b"".join(zlib.crc32(part).to_bytes(4, "big") for part in parts)
                        ).to_bytes(4, "big")
                    ).decode()
                    + "-3",
                    "COMPOSITE",
                ),
            ),
        ]:
            upload_and_read(s3, parts, options, checksum)
        upload = s3.create_multipart_upload(Bucket="bucket", Key="small")["UploadId"]
        etags = upload_parts(s3, "small", upload, [b"tiny", b"tiny"], {})
        with fails("EntityTooSmall", 400):
            complete(s3, "small", upload, etags)
        with fails("InvalidPartOrder", 400):
            complete(s3, "small", upload, etags[::-1])
        with fails("InvalidPart", 400):
            complete(s3, "small", upload, [{"PartNumber": 1, "ETag": f'"{md5(b"other")}"'}])
        listed = s3.list_parts(Bucket="bucket", Key="small", UploadId=upload)["Parts"]
        assert [(part["PartNumber"], part["Size"]) for part in listed] == [(1, 4), (2, 4)]
        s3.abort_multipart_upload(Bucket="bucket", Key="small", UploadId=upload)
        with fails("NoSuchUpload", 404):
            complete(s3, "small", upload, etags)
        with tempfile.NamedTemporaryFile() as file:
            file.write(os.urandom(20 << 20))
            file.flush()
            s3.upload_file(file.name, "bucket", "transferred")
            s3.download_file("bucket", "transferred", file.name + "-back")
            with open(file.name, "rb") as sent, open(file.name + "-back", "rb") as back:
                assert sent.read() == back.read()
            os.unlink(file.name + "-back")


def upload_parts(s3, key, upload, parts, options):
    named = []
    for number, part in enumerate(parts, 1):
        algorithm = {name: value for name, value in options.items() if name == "ChecksumAlgorithm"}
        reply = s3.upload_part(
            Bucket="bucket", Key=key, UploadId=upload, PartNumber=number, Body=part, **algorithm
        )
        one = {"PartNumber": number, "ETag": reply["ETag"]}
        one.update({name: value for name, value in reply.items() if name.startswith("Checksum")})
        named.append(one)
    return named


def complete(s3, key, upload, parts):
    return s3.complete_multipart_upload(
        Bucket="bucket", Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
    )


def upload_and_read(s3, parts, options, checksum):
    upload = s3.create_multipart_upload(
        Bucket="bucket", Key="large", ContentType="text/x-test", **options
    )["UploadId"]
    done = complete(s3, "large", upload, upload_parts(s3, "large", upload, parts, options))
    joined = b"".join(hashlib.md5(part).digest() for part in parts)
    assert done["ETag"] == f'"{md5(joined)}-{len(parts)}"'
    member, value, kind = checksum
    assert done[member] == value, (done[member], value)
    reply = s3.get_object(Bucket="bucket", Key="large", ChecksumMode="ENABLED")
    assert (reply[member], reply["ChecksumType"], reply["ETag"]) == (value, kind, done["ETag"])
    assert reply["ContentType"] == "text/x-test" and "PartsCount" not in reply
    assert reply["Body"].read() == b"".join(parts)
    start = 0
    for number, part in enumerate(parts, 1):
        reply = s3.get_object(Bucket="bucket", Key="large", PartNumber=number)
        assert reply["Body"].read() == part and reply["PartsCount"] == len(parts)
        assert (
            reply["ContentRange"] == f"bytes {start}-{start + len(part) - 1}/{sum(map(len, parts))}"
        )
        head = s3.head_object(Bucket="bucket", Key="large", PartNumber=number)
        assert head["ContentLength"] == len(part) and head["PartsCount"] == len(parts)
        start += len(part)
    reply = s3.get_object(Bucket="bucket", Key="large", Range="bytes=998-1501")
    assert reply["Body"].read() == b"".join(parts)[998:]
