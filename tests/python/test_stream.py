"""Many objects in the order of their source, fetched ahead; failures stay where they are."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import s3stream
from s3stream import Wanted
from servers import until


def test_objects_come_in_the_order_of_the_source(client):
    listed = list(client.list("bucket", "keys/"))
    listed.reverse()
    read = []
    for reader in client.stream("bucket", listed):
        data = reader.read()
        assert len(data) == reader.object.size == 1
        assert reader.verdict.method == "crc64nvme"
        read.append(reader.object.key)
    assert read == [one.key for one in listed]


def test_any_iterable_of_keys_objects_and_wishes_will_do(client):
    big = client.head("bucket", "big")
    wanted = (one for one in ["keys/0000000001", big, Wanted("keys/0000000002"), Wanted.of(big)])
    sizes = [len(reader.read()) for reader in client.stream("bucket", wanted)]
    assert sizes == [1, 8 << 20, 1, 8 << 20]


def test_the_next_reader_closes_the_one_before(client):
    stream = client.stream("bucket", client.list("bucket", "keys/"))
    first = next(stream)
    second = next(stream)
    assert first.closed and not second.closed
    with pytest.raises(ValueError, match="closed reader"):
        first.read()
    assert first.object.key == "keys/0000000000", "what it was can still be asked"


def test_a_failure_is_its_readers_and_the_stream_goes_on(client):
    keys = ["keys/0000000001", "missing", "keys/0000000002"]
    outcomes = []
    for reader in client.stream("bucket", keys):
        try:
            outcomes.append(len(reader.read()))
        except s3stream.NotFoundError as error:
            assert reader.object.key == "missing" and error.filename == "s3://bucket/missing"
            with pytest.raises(s3stream.NotFoundError):
                reader.read(1)
            outcomes.append("missing")
    assert outcomes == [1, "missing", 1]


def test_what_changed_since_it_was_listed_is_read_unless_it_is_pinned(server, client):
    server.put("changing", b"old")
    [listed] = client.list("bucket", "changing")
    server.put("changing", b"newer")
    stream = client.stream("bucket", [listed, Wanted.of(listed, pinned=True)])
    newer = next(stream)
    assert newer.read() == b"newer" and newer.is_newer_than_listed
    pinned = next(stream)
    assert newer.is_newer_than_listed, "it can still be asked when it is closed"
    with pytest.raises(s3stream.ChangedError):
        pinned.read()
    assert not pinned.is_newer_than_listed


def test_what_is_not_wanted_ahead_is_not_requested(server):
    client = server.client()
    wanted = [Wanted(f"keys/{n:010}", ahead=False, size=1) for n in range(20)]
    stream = client.stream("bucket", wanted)
    for _ in range(10):
        next(stream)
    assert client.stats()["requests"] == 0
    reader = next(stream)
    assert len(reader.read()) == 1
    assert client.stats()["requests"] == 1 and reader.verdict.bytes == 1


def test_bodies_are_fetched_ahead(server):
    client = server.client()
    stream = client.stream("bucket", client.list("bucket", "keys/"), concurrency=8)
    with next(stream):
        # Three pages at most, and nobody reads: what else is requested is ahead.
        until(lambda: client.stats()["requests"] >= 8)
    stream.close()


def test_a_source_that_breaks_off_is_told_behind_what_it_gave(client):
    def source():
        yield "keys/0000000001"
        yield "keys/0000000002"
        raise LookupError("the source broke off")

    stream, read = client.stream("bucket", source()), 0
    for _ in range(2):
        with pytest.raises(LookupError):
            for reader in stream:
                read += len(reader.read())
    assert read == 2


def test_a_listing_that_fails_is_no_short_stream(client):
    with pytest.raises(s3stream.NotFoundError):
        list(client.stream("bucket", client.list("nowhere")))


@pytest.mark.parametrize("item", [7, None, s3stream.CommonPrefix("a/"), b"key"], ids=repr)
def test_what_is_no_object_is_refused(client, item):
    with pytest.raises(TypeError):
        list(client.stream("bucket", [item]))


def test_a_delete_marker_is_not_found(client):
    marker = s3stream.Object("k", version_id="v", is_delete_marker=True)
    with pytest.raises(s3stream.NotFoundError, match="delete marker"):
        next(client.stream("bucket", [marker])).read()


def test_a_closed_stream_says_so(client):
    with client.stream("bucket", client.list("bucket")) as stream:
        reader = next(stream)
    assert reader.closed
    with pytest.raises(ValueError, match="closed stream"):
        next(stream)


def test_a_cancelled_stream_gives_no_more(client):
    stream = client.stream("bucket", client.list("bucket", "keys/"))
    next(stream)
    stream.cancel()
    for _ in range(2):
        with pytest.raises(s3stream.CancelledError):
            next(stream)


def test_concurrency_is_one_at_least(client):
    with pytest.raises(ValueError, match="concurrency"):
        client.stream("bucket", [], concurrency=0)


@pytest.mark.parametrize("text", ["k000", b"k000"])
def test_one_text_is_not_taken_for_many_keys(client, text):
    with pytest.raises(TypeError, match="put a key into a list"):
        client.stream("bucket", text)


def test_threads_share_a_listing_each_with_a_stream_of_its_own(client):
    listing, lock = client.list("bucket", "keys/"), threading.Lock()

    def share():
        while True:
            with lock:
                entry = next(listing, None)
            if entry is None:
                return
            yield entry

    def work(mine):
        return [
            (r.object.key, len(r.read()), r.verdict.is_proven)
            for r in client.stream("bucket", mine)
        ]

    with ThreadPoolExecutor(4) as pool:
        read = sorted(one for part in pool.map(work, [share() for _ in range(4)]) for one in part)
    assert [key for key, _, _ in read] == [entry.key for entry in client.list("bucket", "keys/")]
    assert all(size == 1 and proven for _, size, proven in read)
