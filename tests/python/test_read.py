"""Reading one object: as a raw file, from anywhere in it, with a verdict at the end."""

import io

import pytest
import s3stream

SIZE = 8 << 20


def test_reading_to_the_end_proves_the_object(client):
    with client.open("bucket", "big") as reader:
        assert reader.verdict is None
        data = reader.read()
        assert reader.read() == reader.read(10) == b""
    assert reader.verdict == s3stream.Verdict("crc64nvme", SIZE, 0, 0)
    assert len(data) == SIZE


def test_what_is_asked_for_comes_in_full(client):
    whole = client.open("bucket", "big").readall()
    reader, got = client.open("bucket", "big"), []
    while piece := reader.read(300_001):
        got.append(piece)
    assert {len(piece) for piece in got[:-1]} == {300_001}
    assert b"".join(got) == whole


def test_a_read_of_nothing_asks_nothing(client):
    reader = client.open("bucket", "big")
    assert reader.read(0) == b"" and reader.readinto(bytearray()) == 0
    assert reader.tell() == 0


def test_it_is_a_raw_file(client):
    reader = client.open("bucket", "big")
    assert isinstance(reader, io.RawIOBase)
    assert reader.readable() and reader.seekable() and not reader.writable()
    assert reader.name == "s3://bucket/big" and reader.mode == "rb" and not reader.isatty()
    assert "s3://bucket/big" in repr(reader)
    with pytest.raises(io.UnsupportedOperation):
        reader.fileno()
    with pytest.raises(io.UnsupportedOperation):
        reader.write(b"")


def test_a_seek_goes_anywhere_and_the_proof_is_by_length(client):
    whole = client.open("bucket", "big").read()
    reader = client.open("bucket", "big")
    assert reader.seek(-100, io.SEEK_END) == SIZE - 100
    assert reader.read() == whole[-100:]
    assert reader.verdict.method == "range"
    assert reader.seek(10) == 10 and reader.read(5) == whole[10:15]
    assert reader.seek(5, io.SEEK_CUR) == 20 and reader.tell() == 20
    assert reader.read(5) == whole[20:25]
    assert reader.seek(SIZE + 5) == SIZE + 5 and reader.read() == b""


def test_a_seek_to_where_it_stands_keeps_the_proof(client):
    reader = client.open("bucket", "big")
    reader.read(1000)
    assert reader.seek(1000) == reader.seek(0, io.SEEK_CUR) == 1000
    reader.read()
    assert reader.verdict.method == "crc64nvme"


@pytest.mark.parametrize(("offset", "whence"), [(-1, 0), (-1, 1), (-SIZE - 1, 2), (0, 7)])
def test_a_seek_to_nowhere_is_refused(client, offset, whence):
    reader = client.open("bucket", "big")
    with pytest.raises(ValueError):
        reader.seek(offset, whence)
    assert len(reader.read()) == SIZE


def test_a_part_is_read_alone(client):
    whole = client.open("bucket", "big").read()
    reader = client.open("bucket", "big", offset=1000, length=500)
    assert reader.tell() == 1000
    assert reader.read() == whole[1000:1500]
    assert reader.verdict == s3stream.Verdict("range", 500, 0, 0, "range")
    assert reader.object.size == SIZE


def test_a_part_of_nothing_is_read(client):
    reader = client.open("bucket", "big", offset=5, length=0)
    assert reader.read() == b"" and reader.verdict.bytes == 0


def test_an_empty_object_is_read(server, client):
    server.put("empty", b"")
    reader = client.open("bucket", "empty")
    assert reader.read() == b"" and reader.verdict.bytes == 0


def test_if_match_holds_or_fails(client):
    etag = client.head("bucket", "big").etag
    assert len(client.open("bucket", "big", if_match=etag).read()) == SIZE
    with pytest.raises(s3stream.ChangedError) as caught:
        client.open("bucket", "big", if_match="0" * 32)
    assert caught.value.status == 412


def test_head_and_reader_describe_the_object(server, client):
    headers = {"content-type": "text/plain", "x-amz-meta-colour": "blue"}
    server.put("described", b"hello", headers=headers)
    for described in (client.head("bucket", "described"), client.open("bucket", "described").object):
        assert described.size == 5 and described.content_type == "text/plain"
        assert described.metadata["colour"] == "blue"
        assert "crc64nvme" in described.checksums
        assert described.last_modified.tzinfo is not None


@pytest.mark.parametrize(
    ("integrity", "method"), [("full", "crc64nvme"), ("cheap", "crc64nvme"), ("length", "length")]
)
def test_the_proof_is_what_was_asked_for(server, integrity, method):
    reader = server.client(integrity=integrity).open("bucket", "big")
    reader.read()
    assert reader.verdict.method == method


def test_finish_reads_what_is_left(client):
    reader = client.open("bucket", "big")
    reader.read(10)
    assert reader.finish() == s3stream.Verdict("crc64nvme", SIZE, 0, 0)
