"""Listings: whole, in order, by delimiter, by range, by version."""

import pytest
import s3stream
from servers import Embedded


def test_every_key_comes_once_and_in_order(client):
    keys = [one.key for one in client.list("bucket", "keys/")]
    assert len(keys) == 300 and keys == sorted(set(keys))


def test_a_range_excludes_its_start_and_includes_its_end(client):
    keys = [one.key for one in client.list("bucket", "keys/")]
    found = client.list("bucket", start_after=keys[98], end_at=keys[250])
    assert [one.key for one in found] == keys[99:251]


def test_a_delimiter_groups_keys(client):
    found = list(client.list("bucket", delimiter="/"))
    assert s3stream.CommonPrefix("keys/") in found
    assert "big" in [one.key for one in found if isinstance(one, s3stream.Object)]


def test_odd_keys_come_back_byte_for_byte(server, client):
    keys = ["odd/ +%&", "odd//", "odd/../x", "odd/\n", "odd/é😀", "odd/a", "odd/a/b"]
    for key in keys:
        server.put(key, key.encode())
    assert sorted(keys, key=str.encode) == [one.key for one in client.list("bucket", "odd/")]
    for key in keys:
        assert client.open("bucket", key).read() == key.encode()


def test_versions_and_delete_markers_come_newest_first():
    with Embedded("--bucket", "versions") as server:
        client = server.client()
        xml = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        server.request("PUT", bucket="versions", query={"versioning": ""}, body=xml)
        for body in (b"one", b"three"):
            server.put("key", body, bucket="versions")
        server.request("DELETE", "key", bucket="versions")
        marker, second, first = client.list("versions", versions=True)
        assert marker.is_delete_marker and marker.is_latest and not second.is_latest
        assert (second.size, first.size) == (5, 3)
        assert client.open("versions", "key", version_id=first.version_id).read() == b"one"
        assert client.head("versions", "key", version_id=second.version_id).size == 5
        with pytest.raises(s3stream.NotFoundError):
            client.open("versions", "key")
        assert list(client.list("versions")) == []


def test_a_listing_that_fails_fails_for_ever(client):
    listing = client.list("nowhere")
    for _ in range(2):
        with pytest.raises(s3stream.NotFoundError) as caught:
            next(listing)
    assert caught.value.code == "NoSuchBucket"
    assert caught.value.filename == "s3://nowhere"


def test_a_listing_that_ended_stays_ended(client):
    listing = client.list("bucket", "keys/00000000")
    assert len(list(listing)) > 0
    assert list(listing) == []


def test_a_closed_listing_says_so(client):
    with client.list("bucket") as listing:
        next(listing)
    with pytest.raises(ValueError, match="closed listing"):
        next(listing)


def test_a_cancelled_listing_gives_no_more(client):
    listing = client.list("bucket")
    next(listing)
    listing.cancel()
    with pytest.raises(s3stream.CancelledError):
        list(listing)


def test_a_name_that_is_no_bucket_is_refused(client):
    with pytest.raises(s3stream.InvalidInputError, match="bucket"):
        list(client.list("a/b"))
