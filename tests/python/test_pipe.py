"""A descriptor for agents that read(2) themselves; `finish` says whether it was all."""

import os
import select

import pytest
import s3stream
from servers import until

SIZE = 8 << 20


def drain(descriptor):
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def test_a_pipe_carries_the_object_and_finish_the_verdict(client):
    whole = client.open("bucket", "big").read()
    reader = client.open("bucket", "big")
    assert drain(reader.open_pipe()) == whole
    assert reader.finish() == reader.verdict == s3stream.Verdict("crc64nvme", SIZE, 0, 0)


def test_a_pipe_begins_where_the_reader_stands(client):
    reader = client.open("bucket", "big")
    first = reader.read(1000)
    assert len(first) + len(drain(reader.open_pipe())) == SIZE
    assert reader.finish().method == "crc64nvme"


def test_a_pipe_can_be_polled(client):
    reader = client.open("bucket", "big")
    descriptor = reader.open_pipe()
    assert select.select([descriptor], [], [], 20)[0] == [descriptor]
    os.close(descriptor)


def test_a_stream_feeds_pipes(client):
    sizes = []
    for reader in client.stream("bucket", ["big", "keys/0000000001"]):
        sizes.append(len(drain(reader.open_pipe())))
        reader.finish()
    assert sizes == [SIZE, 1]


def test_a_failure_ends_the_pipe_and_finish_raises_it(client):
    reader = next(client.stream("bucket", ["missing"]))
    assert drain(reader.open_pipe()) == b""
    with pytest.raises(s3stream.NotFoundError):
        reader.finish()


def test_a_pipe_that_is_closed_early_is_no_end(client):
    reader = client.open("bucket", "big")
    os.close(reader.open_pipe())
    with pytest.raises(s3stream.CancelledError):
        reader.finish()
    assert reader.verdict is None


def test_a_reader_has_one_pipe_and_reads_no_more_beside_it(client):
    reader = client.open("bucket", "big")
    descriptor = reader.open_pipe()
    with pytest.raises(s3stream.InvalidInputError):
        reader.open_pipe()
    with pytest.raises(s3stream.InvalidInputError):
        reader.read(1)
    assert len(drain(descriptor)) == SIZE
    assert reader.finish().bytes == SIZE


def test_a_cancelled_pipe_ends(stalling):
    reader = stalling.client().open("bucket", "key")
    descriptor = reader.open_pipe()
    until(lambda: select.select([descriptor], [], [], 0)[0])
    reader.cancel()
    assert len(drain(descriptor)) <= stalling.HALF
    with pytest.raises(s3stream.CancelledError):
        reader.finish()
