"""Versions and delete markers."""

from embedded_checks.harness import client, fails, headers, list_v2, list_versions, running, utf8


def check_versions():
    for page_size in (1, 2, 1000):
        with running("--bucket", "bucket", "--page-size", str(page_size)) as environment:
            s3 = client(environment)
            s3.put_object(Bucket="bucket", Key="old", Body=b"null")
            s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
            assert s3.get_bucket_versioning(Bucket="bucket")["Status"] == "Enabled"
            history = {"old": [("null", b"null")]}
            for key, body in [
                ("old", b"1"),
                ("a/b", b"2"),
                ("a/b", None),
                ("a/b", b"3"),
                ("a b+c", None),
                ("old", None),
            ]:
                if body is None:
                    reply = s3.delete_object(Bucket="bucket", Key=key)
                    assert reply["DeleteMarker"] is True
                else:
                    reply = s3.put_object(Bucket="bucket", Key=key, Body=body)
                history.setdefault(key, []).insert(0, (reply["VersionId"], body))
            compare_versions(s3, history)
            read_versions(s3, history)
            assert list_v2(s3, "bucket") == ["a/b"]
            assert [entry[0] for entry in list_versions(s3, "bucket", Delimiter="/")] == [
                "a b+c",
                "a/",
                "old",
                "old",
                "old",
            ]
            remove_versions(s3, history)


def compare_versions(s3, history):
    expected = [
        (key, version, position == 0, body is None)
        for key in sorted(history, key=utf8)
        for position, (version, body) in enumerate(history[key])
    ]
    seen = list_versions(s3, "bucket")
    assert sorted(seen) == sorted(expected), (seen, expected)
    marker = {}
    walked = []
    while True:
        page = s3.list_object_versions(Bucket="bucket", MaxKeys=1, **marker)
        walked += [
            (one["Key"], one["VersionId"])
            for one in page.get("Versions", []) + page.get("DeleteMarkers", [])
        ]
        if not page["IsTruncated"]:
            break
        marker = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page["NextVersionIdMarker"],
        }
    assert walked == [entry[:2] for entry in expected], (walked, expected)


def read_versions(s3, history):
    for key, versions in history.items():
        for version, body in versions:
            target = {"Bucket": "bucket", "Key": key, "VersionId": version}
            if body is None:
                with fails("MethodNotAllowed", 405) as reply:
                    s3.get_object(**target)
                assert headers(reply)["x-amz-delete-marker"] == "true"
                with fails("405", 405):
                    s3.head_object(**target)
            else:
                reply = s3.get_object(**target)
                assert reply["Body"].read() == body and reply["VersionId"] == version
    with fails("NoSuchKey", 404) as reply:
        s3.get_object(Bucket="bucket", Key="old")
    assert headers(reply)["x-amz-delete-marker"] == "true"
    with fails("InvalidArgument", 400):
        s3.get_object(Bucket="bucket", Key="old", VersionId="made-up")
    with fails("NoSuchVersion", 404):
        s3.get_object(Bucket="bucket", Key="old", VersionId=history["a/b"][0][0])


def remove_versions(s3, history):
    version = history["old"][0][0]
    reply = s3.delete_object(Bucket="bucket", Key="old", VersionId=version)
    assert reply["DeleteMarker"] is True and reply["VersionId"] == version
    assert s3.get_object(Bucket="bucket", Key="old")["Body"].read() == b"1"
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Suspended"})
    assert s3.put_object(Bucket="bucket", Key="old", Body=b"new null")["VersionId"] == "null"
    assert s3.get_object(Bucket="bucket", Key="old", VersionId="null")["Body"].read() == b"new null"
    with fails("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket="bucket")
    for entry in list_versions(s3, "bucket"):
        s3.delete_object(Bucket="bucket", Key=entry[0], VersionId=entry[1])
    s3.delete_bucket(Bucket="bucket")
