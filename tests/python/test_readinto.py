"""`readinto` fills any contiguous writable buffer, and refuses every other."""

import array
import ctypes
import mmap

import pytest


@pytest.fixture
def reader(client):
    return client.open("bucket", "big")


@pytest.fixture(scope="module")
def beginning(server):
    return server.client().open("bucket", "big", length=4096).read()


def buffers():
    yield "bytearray", bytearray(4096)
    yield "memoryview", memoryview(bytearray(5000))[500:4596]
    yield "array of bytes", array.array("B", bytes(4096))
    yield "array of integers", array.array("i", bytes(4096))
    yield "ctypes", (ctypes.c_char * 4096)()
    yield "mmap", mmap.mmap(-1, 4096)
    yield "two dimensions", memoryview(bytearray(4096)).cast("B", (64, 64))


@pytest.mark.parametrize("buffer", [pytest.param(b, id=name) for name, b in buffers()])
def test_a_writable_buffer_is_filled(reader, beginning, buffer):
    assert reader.readinto(buffer) == 4096
    assert bytes(memoryview(buffer).cast("B") if not isinstance(buffer, mmap.mmap) else buffer[:]) == (
        beginning
    )


def test_numpy_is_filled(reader, beginning):
    numpy = pytest.importorskip("numpy")
    values = numpy.zeros((8, 64), dtype=numpy.float64)
    assert reader.readinto(values) == 4096
    assert values.tobytes() == beginning
    with pytest.raises(TypeError):
        reader.readinto(values[:, ::2])


@pytest.mark.parametrize(
    "buffer",
    [b"bytes", memoryview(b"view"), memoryview(bytearray(10))[::2], "text", 7, None, object()],
    ids=repr,
)
def test_what_cannot_be_filled_is_refused(reader, beginning, buffer):
    with pytest.raises(TypeError):
        reader.readinto(buffer)
    assert reader.read(4096) == beginning, "and nothing was lost"


def test_a_buffer_is_let_go_after_the_read(reader):
    buffer = bytearray(100)
    reader.readinto(buffer)
    buffer.extend(b"more")
    mapped = mmap.mmap(-1, 4096)
    reader.readinto(mapped)
    mapped.close()


def test_the_end_is_a_short_count(client):
    reader = client.open("bucket", "big", length=1000)
    buffer = bytearray(b"x" * 1500)
    assert reader.readinto(buffer) == 1000
    assert buffer[1000:] == b"x" * 500
    assert reader.readinto(buffer) == 0
