"""Listings compared with a model, whatever the page size."""

from embedded_checks.harness import (
    client,
    fails,
    list_v2,
    list_versions,
    md5,
    names,
    pages,
    running,
    utf8,
)


def model(keys, prefix, delimiter, after):
    found = []
    for key in sorted(keys, key=utf8):
        if not key.startswith(prefix) or utf8(key) <= utf8(after):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        name = key[: cut + len(delimiter)] if cut >= 0 else key
        # A marker that is a common prefix stands for everything below it.
        if name != after and (not found or found[-1] != name):
            found.append(name)
    return found


def check_listings():
    keys = [
        "a",
        "a/",
        "a/b",
        "a/b/c",
        "a/b/d",
        "a/c/d",
        "a0",
        "b",
        "b/",
        "b//c",
        "c/d e+f/g",
        "c/d%/g",
        "d/\u00e4/1",
        "d/\U0001f980/1",
        "d/\uffff/1",
        "z-1",
        "z-2",
        "z--3",
        "/x",
        "//y",
    ]
    for page_size in (1, 2, 7, 1000):
        with running("--bucket", "bucket", "--page-size", str(page_size)) as environment:
            s3 = client(environment)
            for key in keys:
                s3.put_object(Bucket="bucket", Key=key, Body=b"")
            for delimiter in ("", "/", "-", "//", "b/", "\u00e4"):
                for prefix in ("", "a", "a/", "a/b", "b/", "c/d ", "d/", "z", "nothing"):
                    for after in ("", "a", "a/", "a/b", "b/", "c/d e+f/", "z-", "zz"):
                        expected = model(keys, prefix, delimiter, after)
                        arguments = {"Prefix": prefix, "Delimiter": delimiter}
                        case = page_size, delimiter, prefix, after
                        assert list_v2(s3, "bucket", StartAfter=after, **arguments) == expected, (
                            case
                        )
                        assert list_v1_by_hand(s3, Marker=after, **arguments) == expected, case
                        versions = list_versions(s3, "bucket", KeyMarker=after, **arguments)
                        assert [entry[0] for entry in versions] == expected, case


def list_v1_by_hand(s3, **arguments):
    """As the documentation of ListObjects says: NextMarker only with a delimiter."""
    found = []
    while True:
        page = s3.list_objects(Bucket="bucket", **arguments)
        found += names(page)
        assert ("NextMarker" in page) == (page["IsTruncated"] and bool(arguments["Delimiter"]))
        if not page["IsTruncated"]:
            return found
        arguments["Marker"] = page.get("NextMarker") or page["Contents"][-1]["Key"]


def check_page_limits():
    with running("--bucket", "bucket", "--keys", "2500") as environment:
        s3 = client(environment)
        sizes = [page["KeyCount"] for page in pages(s3, "list_objects_v2", "bucket")]
        assert sizes == [1000, 1000, 500], sizes
        page = s3.list_objects_v2(Bucket="bucket", MaxKeys=5000)
        assert (page["MaxKeys"], page["KeyCount"], page["IsTruncated"]) == (1000, 1000, True)
        page = s3.list_objects_v2(Bucket="bucket", MaxKeys=0)
        assert (page["KeyCount"], page["IsTruncated"]) == (0, False)
        page = s3.list_objects_v2(Bucket="bucket", MaxKeys=500, StartAfter="keys/0000001999")
        assert (page["KeyCount"], page["IsTruncated"]) == (500, False)
        page = s3.list_objects_v2(Bucket="bucket", MaxKeys=3, FetchOwner=True)
        assert (
            page["Contents"][0]["Owner"]["ID"] and page["Contents"][0]["ETag"] == f'"{md5(b"x")}"'
        )
        token = page["NextContinuationToken"]
        assert "keys" not in token
        with fails("InvalidArgument", 400):
            s3.list_objects_v2(Bucket="bucket", ContinuationToken=token[:-5] + "AAAA=")
        with fails("InvalidArgument", 400):
            s3.list_objects_v2(Bucket="bucket", ContinuationToken="keys/0000000002")
        with fails("NoSuchBucket", 404):
            s3.list_objects_v2(Bucket="absent-bucket")


def check_demonstration():
    with running("--demo", str(40 << 20)) as environment:
        s3 = client(environment)
        entries = [
            entry for page in pages(s3, "list_objects_v2", "demo") for entry in page["Contents"]
        ]
        assert len(entries) > 3000
        total = sum(entry["Size"] for entry in entries)
        assert abs(total - (40 << 20)) < (1 << 20), total
        for entry in entries[::100]:
            body = s3.get_object(Bucket="demo", Key=entry["Key"])["Body"].read()
            assert len(body) == entry["Size"]
            assert "-" in entry["ETag"] or entry["ETag"] == f'"{md5(body)}"'
