"""Listings: whole, in order, by delimiter, by range, by version."""

import copy
import pickle

import pytest
import s3stream
from servers import Embedded
from test_faults import Played

#: A bucket of `a`, `caf\xe9` and `z`, and a request behind the last key.
ODD = """# A key in Latin-1 among others.
group:  listing
object: size=10 seed=7
do:     list
expect: ok
---
request GET /bucket?encoding-type=url&list-type=2&max-keys=1000
  reply 200
    Content-Length: {body_size}
  body lines
    <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
    <Contents><Key>a</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    <Contents><Key>caf%E9</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    <Contents><Key>z</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    </ListBucketResult>
    .
request GET /bucket?encoding-type=url&list-type=2&max-keys=1000&start-after=z
  times 0..1
  reply 200
    Content-Length: {body_size}
  body text "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
request GET /bucket/a
  times 0..1
  serve
request GET /bucket/z
  times 0..1
  serve
end
"""


@pytest.fixture
def odd(tmp_path):
    (tmp_path / "odd.fault").write_text(ODD)
    server = Played(tmp_path / "odd.fault", tmp_path)
    with server.client() as client:
        yield client
    assert server.finish() == ""


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


def test_what_cannot_be_read_raises_in_its_place_and_the_listing_goes_on(odd):
    listing = odd.list("bucket")
    assert next(listing).key == "a"
    with pytest.raises(s3stream.ProtocolError, match="not UTF-8") as caught:
        next(listing)
    assert caught.value.entry == "caf%E9"
    assert next(listing).key == "z"
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(listing)


def test_each_goes_past_what_cannot_be_read_and_names_it(odd):
    failed = []
    listing = odd.list("bucket", prove_end=True)
    assert [one.key for one in listing.each(failed.append)] == ["a", "z"]
    assert [error.entry for error in failed] == ["caf%E9"]
    summary = listing.summary
    assert (summary.order, summary.end, summary.unreadable) == ("ascending", "proven", 1)
    assert (summary.early_ends, summary.no_repeats, summary.remarks) == (0, True, ())


def test_a_stream_gives_what_cannot_be_read_as_a_reader_that_raises(odd):
    seen = []
    for reader in odd.stream("bucket", odd.list("bucket"), concurrency=1):
        try:
            seen.append((reader.object.key, len(reader.read())))
        except s3stream.ProtocolError as error:
            seen.append((error.entry, None))
    assert seen == [("a", 10), ("caf%E9", None), ("z", 10)]


@pytest.mark.parametrize(
    "selection",
    [{"end_at": ""}, {"start_after": "b", "end_at": "a"}, {"prefix": "p", "end_at": "a"}],
)
def test_a_range_that_no_key_can_be_in_is_a_mistake(client, selection):
    before = client.stats()["requests"]
    with pytest.raises(s3stream.InvalidInputError):
        list(client.list("bucket", **selection))
    assert client.stats()["requests"] == before


def test_a_listing_is_of_objects_unless_it_is_grouped(client):
    assert type(client.list("bucket")) is s3stream.ObjectList
    grouped = client.list("bucket", delimiter="/")
    assert type(grouped) is s3stream.GroupedList
    assert any(isinstance(entry, s3stream.CommonPrefix) for entry in grouped)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_listing_cannot_be_at_two_places(client, copied):
    with pytest.raises(TypeError, match="a listing cannot be"):
        copied(client.list("bucket"))
