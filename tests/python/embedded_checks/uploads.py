"""Uploads in progress, parts by copy, copies, conditions on what is completed and deleted."""

import base64

from embedded_checks.harness import client, fails, md5, running
from embedded_checks.properties import multipart


def check_uploads_are_listed():
    with running("--bucket", "bucket", "--page-size", "2") as environment:
        s3 = client(environment)
        keys = ["a/1", "a/2", "b c+d", "b\u00e4", "same", "same", "z&<"]
        begun = [
            (key, s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"])
            for key in keys
        ]
        assert listed(s3) == begun
        page = s3.list_multipart_uploads(Bucket="bucket", EncodingType="url", Prefix="b")
        assert [one["Key"] for one in page["Uploads"]] == ["b+c%2Bd", "b%C3%A4"]
        assert listed(s3, Prefix="a/") == begun[:2]
        page = s3.list_multipart_uploads(Bucket="bucket", Delimiter="/")
        assert [one["Prefix"] for one in page["CommonPrefixes"]] == ["a/"]
        assert [one["Key"] for one in page["Uploads"]] == ["b c+d"] and page["IsTruncated"]
        for key, upload in begun[1:]:
            s3.abort_multipart_upload(Bucket="bucket", Key=key, UploadId=upload)
        assert listed(s3) == begun[:1]
        with fails("NoSuchUpload", 404):
            s3.abort_multipart_upload(Bucket="bucket", Key="same", UploadId=begun[4][1])


def listed(s3, **options):
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket="bucket", **options)
    found = [(one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", [])]
    return found


def check_parts_are_listed_in_pages():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        target = {"Bucket": "bucket", "Key": "key"}
        target["UploadId"] = s3.create_multipart_upload(**target)["UploadId"]
        for number in (1, 3, 7):
            s3.upload_part(**target, PartNumber=number, Body=b"x" * number)
        pages = s3.get_paginator("list_parts").paginate(
            **target, PaginationConfig={"PageSize": 2}
        )
        seen = [(one["PartNumber"], one["Size"]) for page in pages for one in page["Parts"]]
        assert seen == [(1, 1), (3, 3), (7, 7)]


def check_parts_by_copy():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        data = bytes(range(256)) * 10
        source = s3.put_object(Bucket="bucket", Key="source", Body=data)["ETag"]
        target = {"Bucket": "bucket", "Key": "copied"}
        target["UploadId"] = s3.create_multipart_upload(
            **target, ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT"
        )["UploadId"]
        parts = []
        for number, (first, last) in enumerate([(0, 999), (1000, 2559)], 1):
            reply = s3.upload_part_copy(
                **target,
                PartNumber=number,
                CopySource="bucket/source",
                CopySourceRange=f"bytes={first}-{last}",
                CopySourceIfMatch=source,
            )["CopyPartResult"]
            assert reply["ETag"] == f'"{md5(data[first : last + 1])}"'
            parts.append({"PartNumber": number, "ETag": reply["ETag"]})
        with fails("PreconditionFailed", 412):
            s3.upload_part_copy(
                **target, PartNumber=3, CopySource="bucket/source", CopySourceIfMatch='"other"'
            )
        with fails("InvalidArgument", 400):
            s3.upload_part_copy(
                **target,
                PartNumber=3,
                CopySource="bucket/source",
                CopySourceRange="bytes=0-2560",
            )
        checksum = base64.b64encode(crc64nvme(data).to_bytes(8, "big")).decode()
        complete = {"MultipartUpload": {"Parts": parts}, **target}
        with fails("BadDigest", 400):
            wrong = base64.b64encode(bytes(8)).decode()
            s3.complete_multipart_upload(
                **complete, ChecksumCRC64NVME=wrong, ChecksumType="FULL_OBJECT"
            )
        with fails("InvalidRequest", 400):
            s3.complete_multipart_upload(**complete, MpuObjectSize=2559)
        done = s3.complete_multipart_upload(
            **complete,
            ChecksumCRC64NVME=checksum,
            ChecksumType="FULL_OBJECT",
            MpuObjectSize=2560,
        )
        assert done["ChecksumCRC64NVME"] == checksum
        assert s3.get_object(Bucket="bucket", Key="copied")["Body"].read() == data


def crc64nvme(data):
    """boto3 has it only with an extra package."""
    value = 2**64 - 1
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x9A6C9329AC4BC9B5 if value & 1 else 0)
    return value ^ 2**64 - 1


def check_what_a_copy_keeps():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        multipart(
            s3,
            "source",
            [b"one", b"two"],
            Metadata={"a": "1"},
            Tagging="t=1",
            StorageClass="STANDARD_IA",
            WebsiteRedirectLocation="/x",
            CacheControl="no-store",
        )
        copied = s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/source")
        assert copied["CopyObjectResult"]["ETag"] == f'"{md5(b"onetwo")}"'
        head = s3.head_object(Bucket="bucket", Key="copy")
        assert head["Metadata"] == {"a": "1"} and head["CacheControl"] == "no-store"
        assert "StorageClass" not in head and "WebsiteRedirectLocation" not in head
        assert tags(s3, "copy") == {"t": "1"}
        s3.copy_object(
            Bucket="bucket",
            Key="copy",
            CopySource="bucket/source",
            MetadataDirective="REPLACE",
            Metadata={"b": "2"},
            TaggingDirective="REPLACE",
            Tagging="u=2",
        )
        head = s3.head_object(Bucket="bucket", Key="copy")
        assert head["Metadata"] == {"b": "2"} and "CacheControl" not in head
        assert tags(s3, "copy") == {"u": "2"}
        with fails("InvalidRequest", 400):
            s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/copy")
        s3.copy_object(
            Bucket="bucket",
            Key="copy",
            CopySource="bucket/copy",
            MetadataDirective="REPLACE",
            Metadata={"c": "3"},
        )
        assert tags(s3, "copy") == {"u": "2"}


def tags(s3, key):
    found = s3.get_object_tagging(Bucket="bucket", Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def check_conditions_of_writes():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        etag = s3.put_object(Bucket="bucket", Key="key", Body=b"1")["ETag"]
        target = {"Bucket": "bucket", "Key": "key"}
        target["UploadId"] = s3.create_multipart_upload(**target)["UploadId"]
        part = s3.upload_part(**target, PartNumber=1, Body=b"2")
        complete = {
            **target,
            "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        }
        with fails("PreconditionFailed", 412):
            s3.complete_multipart_upload(**complete, IfNoneMatch="*")
        with fails("PreconditionFailed", 412):
            s3.complete_multipart_upload(**complete, IfMatch='"other"')
        s3.complete_multipart_upload(**complete, IfMatch=etag)
        with fails("NoSuchUpload", 404):
            s3.complete_multipart_upload(**complete)
        with fails("PreconditionFailed", 412):
            s3.delete_object(Bucket="bucket", Key="key", IfMatch=etag)
        with fails("PreconditionFailed", 412):
            s3.delete_object(Bucket="bucket", Key="absent", IfMatch="*")
        s3.delete_object(Bucket="bucket", Key="key", IfMatch="*")
        s3.put_object(Bucket="bucket", Key="a", Body=b"1")
        keys = ["a", "never there", "<&>"]
        deleted = s3.delete_objects(
            Bucket="bucket", Delete={"Objects": [{"Key": key} for key in keys]}
        )
        assert [one["Key"] for one in deleted["Deleted"]] == keys
