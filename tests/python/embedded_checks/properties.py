"""What an object has beside its bytes: headers, encryption, access control lists."""

import base64
import hashlib
import http.client
import urllib.parse

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from embedded_checks.harness import client, fails, headers, md5, running

FIELDS = {
    "CacheControl": "no-store, max-age=0",
    "ContentDisposition": 'attachment; filename="a b.txt"',
    "ContentEncoding": "gzip, x-own",
    "ContentLanguage": "de, en",
    "ContentType": "text/x-test; charset=utf-8",
    "WebsiteRedirectLocation": "/elsewhere",
    "StorageClass": "STANDARD_IA",
}
OWNER = ("CanonicalUser", "FULL_CONTROL")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def multipart(s3, key, parts, **options):
    """An object by parts, without checksums of the client's own."""
    target = {"Bucket": "bucket", "Key": key}
    upload = {**target, "UploadId": s3.create_multipart_upload(**target, **options)["UploadId"]}
    done = []
    for number, part in enumerate(parts, 1):
        reply = s3.upload_part(**upload, PartNumber=number, Body=part)
        done.append({"PartNumber": number, "ETag": reply["ETag"]})
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})


def check_every_header_comes_back():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        put = {**FIELDS, "Metadata": {"zeta": "1", "alpha": "two words"}, "Tagging": "a=1&b=2"}
        s3.put_object(Bucket="bucket", Key="put", Body=b"x", **put)
        multipart(s3, "parts", [b"x", b"y"], **put)
        for key in ("put", "parts"):
            for read in (s3.head_object, s3.get_object):
                reply = read(Bucket="bucket", Key=key)
                assert {name: reply.get(name) for name in FIELDS} == FIELDS, reply
                assert reply["Metadata"] == put["Metadata"]
                assert headers(reply)["x-amz-tagging-count"] == "2"
        sent = [
            ("Expires", "Thu, 01 Dec 1994 16:00:00 GMT"),
            ("x-amz-meta-zz", "1"),
            ("x-amz-meta-b_c", "2"),
            ("x-amz-meta-aa", "3"),
        ]
        seen = dict(signed_put(s3, "raw", sent))
        assert seen["expires"] == "Thu, 01 Dec 1994 16:00:00 GMT"
        order = [name for name in seen if name.startswith("x-amz-meta-")]
        assert order == ["x-amz-meta-zz", "x-amz-meta-b_c", "x-amz-meta-aa"]
        with fails("MetadataTooLarge", 400):
            s3.put_object(Bucket="bucket", Key="much", Body=b"x", Metadata={"a": "x" * 2048})
        with fails("InvalidStorageClass", 400):
            s3.put_object(Bucket="bucket", Key="class", Body=b"x", StorageClass="PLATINUM")
        with fails("BadRequest", 400):
            tagging = "&".join(f"t{number}=1" for number in range(11))
            s3.put_object(Bucket="bucket", Key="tags", Body=b"x", Tagging=tagging)


def signed_put(s3, key, sent):
    """Puts with raw headers in this order; returns those of a GET in the order they came."""
    request = AWSRequest("PUT", f"{s3.meta.endpoint_url}/bucket/{key}", data=b"x")
    for name, value in sent:
        request.headers[name] = value
    S3SigV4Auth(s3._request_signer._credentials, "s3", "us-east-1").add_auth(request)
    names = {name.lower() for name, _ in sent}
    rest = [(name, value) for name, value in request.headers.items() if name.lower() not in names]
    netloc = urllib.parse.urlsplit(request.url).netloc
    connection = http.client.HTTPConnection(netloc)
    connection.putrequest("PUT", f"/bucket/{key}")
    for name, value in [*sent, *rest, ("Content-Length", "1")]:
        connection.putheader(name, value)
    connection.endheaders(b"x")
    reply = connection.getresponse()
    assert reply.status == 200, reply.read()
    reply.read()
    url = s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": key})
    parts = urllib.parse.urlsplit(url)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return [(name.lower(), value) for name, value in connection.getresponse().getheaders()]


def check_encryption_is_told():
    key = bytes(range(32))
    other = bytes(32)
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        for name, options in [
            ("s3", {"ServerSideEncryption": "AES256"}),
            ("kms", {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key-1"}),
        ]:
            put = s3.put_object(Bucket="bucket", Key=name, Body=b"x", **options)
            done = multipart(s3, f"{name}-parts", [b"x"], **options)
            for reply in (
                put,
                done,
                s3.head_object(Bucket="bucket", Key=name),
                s3.get_object(Bucket="bucket", Key=f"{name}-parts"),
            ):
                assert {one: reply[one] for one in options} == options
            assert (put["ETag"] == f'"{md5(b"x")}"') == (name == "s3")
        mine = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
        put = s3.put_object(Bucket="bucket", Key="own", Body=b"x", **mine)
        assert put["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(key).digest()).decode()
        with fails("InvalidRequest", 400):
            s3.get_object(Bucket="bucket", Key="own")
        with fails("AccessDenied", 403):
            s3.get_object(Bucket="bucket", Key="own", **{**mine, "SSECustomerKey": other})
        assert s3.get_object(Bucket="bucket", Key="own", **mine)["Body"].read() == b"x"


def check_access_control_lists():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        target = {"Bucket": "bucket", "Key": "key"}
        s3.put_object(**target, Body=b"x")
        assert grants(s3, "key") == [OWNER]
        s3.put_object(**target, Body=b"x", ACL="public-read")
        assert grants(s3, "key") == [OWNER, (ALL_USERS, "READ")]
        multipart(s3, "parts", [b"x"], GrantRead=f'uri="{ALL_USERS}", id="0123"')
        assert grants(s3, "parts") == [(ALL_USERS, "READ"), ("CanonicalUser", "READ")]
        policy = s3.get_object_acl(Bucket="bucket", Key="parts")
        s3.put_object_acl(
            **target,
            AccessControlPolicy={"Grants": policy["Grants"], "Owner": policy["Owner"]},
        )
        assert grants(s3, "key") == grants(s3, "parts")
        s3.put_object_acl(**target, ACL="private")
        assert grants(s3, "key") == [OWNER]
        s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/parts")
        assert grants(s3, "copy") == [OWNER]
        with fails("MethodNotAllowed", 405):
            s3.put_object_acl(**target, GrantRead='emailAddress="a@b.example"')
    with running("--bucket", "bucket", "--owner-enforced") as environment:
        s3 = client(environment)
        s3.put_object(Bucket="bucket", Key="key", Body=b"x", ACL="bucket-owner-full-control")
        with fails("AccessControlListNotSupported", 400):
            s3.put_object(Bucket="bucket", Key="key", Body=b"x", ACL="public-read")
        with fails("AccessControlListNotSupported", 400):
            s3.put_object_acl(Bucket="bucket", Key="key", ACL="private")


def grants(s3, key):
    listed = s3.get_object_acl(Bucket="bucket", Key=key)["Grants"]
    return [
        (one["Grantee"].get("URI", one["Grantee"]["Type"]), one["Permission"]) for one in listed
    ]
