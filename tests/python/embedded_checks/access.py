"""Buckets, credentials, regions, TLS."""

import os
import tempfile
import urllib.error
import urllib.request

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from embedded_checks.harness import client, fails, headers, running


def check_buckets():
    with running("--region", "eu-test-1") as environment:
        s3 = client(environment)
        for name in ("one", "two"):
            s3.create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-test-1"}
            )
        with fails("BucketAlreadyOwnedByYou", 409):
            s3.create_bucket(
                Bucket="one", CreateBucketConfiguration={"LocationConstraint": "eu-test-1"}
            )
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["one", "two"]
        assert headers(s3.head_bucket(Bucket="one"))["x-amz-bucket-region"] == "eu-test-1"
        assert s3.get_bucket_location(Bucket="one")["LocationConstraint"] == "eu-test-1"
        with fails("404", 404):
            s3.head_bucket(Bucket="absent")
        with fails("NoSuchBucket", 404):
            s3.put_object(Bucket="absent", Key="key", Body=b"")


def check_credentials():
    with running("--bucket", "bucket", "--session-token", "token/+=") as environment:
        client(environment).list_objects_v2(Bucket="bucket")
        for changes, code, status in [
            ({"aws_access_key_id": "other"}, "InvalidAccessKeyId", 403),
            ({"aws_secret_access_key": "other"}, "SignatureDoesNotMatch", 403),
            ({"aws_session_token": "old"}, "ExpiredToken", 400),
            ({"aws_session_token": None}, "InvalidAccessKeyId", 403),
        ]:
            with fails(code, status) as reply:
                client(environment, **changes).list_objects_v2(Bucket="bucket")
            assert reply["ResponseMetadata"]["RequestId"]
        presigned = client(environment).generate_presigned_url(
            "list_objects_v2", {"Bucket": "bucket", "MaxKeys": 7}
        )
        assert urllib.request.urlopen(presigned).status == 200
        expect_http(403, presigned.replace("max-keys=7", "max-keys=8"))
        expect_http(403, environment["AWS_ENDPOINT_URL"] + "/bucket?list-type=2")
    with running("--bucket", "bucket", "--public", "--keys", "1") as environment:
        url = environment["AWS_ENDPOINT_URL"] + "/bucket/keys/0000000000"
        assert urllib.request.urlopen(url).read() == b"x"
        expect_http(403, urllib.request.Request(url, data=b"y", method="PUT"))


def expect_http(status, request):
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        assert error.code == status, error.code
        return error
    raise AssertionError(f"no {status}")


def signed_request(environment, region, data=b"", extra_headers=()):
    """A PUT signed for a body of no bytes, whatever is sent."""
    request = AWSRequest("PUT", environment["AWS_ENDPOINT_URL"] + "/bucket/key", data=b"")
    keys = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(keys, "s3", region).add_auth(request)
    return urllib.request.Request(
        request.url,
        data=data,
        method="PUT",
        headers={**request.headers, "Content-Type": "", **dict(extra_headers)},
    )


def check_region():
    with running("--bucket", "bucket", "--region", "eu-test-1", "--region-check") as environment:
        client(environment).list_objects_v2(Bucket="bucket")
        assert urllib.request.urlopen(signed_request(environment, "eu-test-1")).status == 200
        error = expect_http(400, signed_request(environment, "us-east-1"))
        body = error.read()
        assert b"<Code>AuthorizationHeaderMalformed</Code>" in body, body
        assert b"<Region>eu-test-1</Region>" in body, body
        assert error.headers["x-amz-bucket-region"] == "eu-test-1"
        presigned = client(environment, region_name="us-east-1").generate_presigned_url(
            "get_object", {"Bucket": "bucket", "Key": "key"}
        )
        assert b"<Region>eu-test-1</Region>" in expect_http(400, presigned).read()
        # boto3 learns the region from that answer.
        client(environment, region_name="us-east-1").list_objects_v2(Bucket="bucket")


def check_what_is_signed():
    with running("--bucket", "bucket") as environment:
        body = expect_http(400, signed_request(environment, "us-east-1", b"other")).read()
        assert b"<Code>XAmzContentSHA256Mismatch</Code>" in body, body
        request = signed_request(environment, "us-east-1", b"", [("x-amz-meta-unsigned", "1")])
        assert b"not signed" in expect_http(403, request).read()
        old = client(environment)
        url = old.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"})
        version_2 = url.split("?")[0] + "?AWSAccessKeyId=test&Signature=x&Expires=2000000000"
        assert b"AWS4-HMAC-SHA256" in expect_http(400, version_2).read()


def check_tls():
    with tempfile.TemporaryDirectory() as directory:
        with running("--bucket", "bucket", "--tls", directory) as environment:
            s3 = client(environment)
            data = os.urandom(3 << 20)
            # Over TLS boto3 sends unsigned chunks with a checksum trailer.
            s3.put_object(Bucket="bucket", Key="key", Body=data)
            reply = s3.get_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
            assert reply["Body"].read() == data and "ChecksumCRC32" in reply
            assert "ContentEncoding" not in reply
