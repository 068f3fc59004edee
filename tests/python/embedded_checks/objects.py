"""Objects: attributes, ranges, conditions."""

import base64
import hashlib

from embedded_checks.harness import client, fails, headers, md5, running


def check_objects():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        data = bytes(range(256)) * 4000
        put = s3.put_object(
            Bucket="bucket",
            Key="object",
            Body=data,
            ContentType="text/x-test",
            CacheControl="no-store",
            ContentEncoding="x-own",
            ContentMD5=base64.b64encode(hashlib.md5(data).digest()).decode(),
            Metadata={"one": "1", "two": "second"},
            Tagging="a=1&b=two+words",
            StorageClass="STANDARD_IA",
        )
        assert put["ETag"] == f'"{md5(data)}"'
        got = s3.get_object(Bucket="bucket", Key="object")
        assert got["Body"].read() == data
        head = s3.head_object(Bucket="bucket", Key="object")
        for reply in (got, head):
            assert reply["ContentLength"] == len(data)
            assert reply["ContentType"] == "text/x-test" and reply["ContentEncoding"] == "x-own"
            assert reply["CacheControl"] == "no-store" and reply["StorageClass"] == "STANDARD_IA"
            assert reply["Metadata"] == {"one": "1", "two": "second"}
            assert "VersionId" not in reply and reply["AcceptRanges"] == "bytes"
        assert got["TagCount"] == 2
        tags = s3.get_object_tagging(Bucket="bucket", Key="object")["TagSet"]
        assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}]
        s3.put_object_tagging(
            Bucket="bucket", Key="object", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]}
        )
        assert s3.get_object_tagging(Bucket="bucket", Key="object")["TagSet"] == [
            {"Key": "c", "Value": "3"}
        ]
        override = s3.get_object(Bucket="bucket", Key="object", ResponseContentType="text/other")
        assert override["ContentType"] == "text/other"
        ranges(s3, data)
        conditions(s3, put["ETag"], head["LastModified"])
        copy = s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/object")
        assert copy["CopyObjectResult"]["ETag"] == put["ETag"]
        assert s3.head_object(Bucket="bucket", Key="copy")["Metadata"] == {
            "one": "1",
            "two": "second",
        }
        with fails("BadDigest", 400):
            s3.put_object(
                Bucket="bucket",
                Key="bad",
                Body=b"x",
                ContentMD5=base64.b64encode(bytes(16)).decode(),
            )
        with fails("NoSuchKey", 404):
            s3.get_object(Bucket="bucket", Key="bad")
        with fails("404", 404):
            s3.head_object(Bucket="bucket", Key="bad")
        s3.put_object(Bucket="bucket", Key="cold", Body=b"x", StorageClass="GLACIER")
        with fails("InvalidObjectState", 403):
            s3.get_object(Bucket="bucket", Key="cold")


def ranges(s3, data):
    size = len(data)
    for text, start, end in [
        ("bytes=0-0", 0, 1),
        ("bytes=5-99999", 5, 100000),
        ("bytes=1000000-", 1000000, size),
        ("bytes=-7", size - 7, size),
        ("bytes=-99999999", 0, size),
        (f"bytes=1-{size * 9}", 1, size),
    ]:
        reply = s3.get_object(Bucket="bucket", Key="object", Range=text, ChecksumMode="ENABLED")
        assert reply["Body"].read() == data[start:end], text
        assert reply["ContentRange"] == f"bytes {start}-{end - 1}/{size}"
        assert reply["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert not [name for name in headers(reply) if name.startswith("x-amz-checksum-")]
        reply = s3.head_object(Bucket="bucket", Key="object", Range=text)
        assert (
            reply["ContentLength"] == end - start
            and reply["ResponseMetadata"]["HTTPStatusCode"] == 206
        )
    with fails("InvalidRange", 416):
        s3.get_object(Bucket="bucket", Key="object", Range=f"bytes={size}-")
    s3.put_object(Bucket="bucket", Key="empty", Body=b"")
    with fails("InvalidRange", 416):
        s3.get_object(Bucket="bucket", Key="empty", Range="bytes=0-")
    reply = s3.get_object(Bucket="bucket", Key="object", PartNumber=1)
    assert reply["Body"].read() == data and "PartsCount" not in reply
    with fails("InvalidPartNumber", 416):
        s3.get_object(Bucket="bucket", Key="object", PartNumber=2)


def conditions(s3, etag, modified):
    target = {"Bucket": "bucket", "Key": "object"}
    for condition in (
        {"IfMatch": etag},
        {"IfNoneMatch": '"other"'},
        {"IfUnmodifiedSince": modified},
    ):
        s3.get_object(**target, **condition)["Body"].read()
        s3.head_object(**target, **condition)
    with fails("PreconditionFailed", 412):
        s3.get_object(**target, IfMatch='"other"', Range="bytes=0-1")
    with fails("412", 412):
        s3.head_object(**target, IfMatch='"other"')
    for condition in ({"IfNoneMatch": etag}, {"IfModifiedSince": modified}):
        with fails("304", 304) as reply:
            s3.get_object(**target, **condition)
        assert headers(reply)["etag"] == etag
    s3.put_object(Bucket="bucket", Key="once", Body=b"1", IfNoneMatch="*")
    with fails("PreconditionFailed", 412):
        s3.put_object(Bucket="bucket", Key="once", Body=b"2", IfNoneMatch="*")
    with fails("PreconditionFailed", 412):
        s3.put_object(Bucket="bucket", Key="once", Body=b"2", IfMatch=etag)
    s3.put_object(Bucket="bucket", Key="once", Body=b"2", IfMatch=f'"{md5(b"1")}"')
