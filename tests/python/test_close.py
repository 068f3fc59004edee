"""What is closed says so; what nobody has any more is freed, at the end of Python too."""

import gc
import subprocess
import sys
import weakref

import pytest
import s3stream
from servers import until


def test_a_closed_reader_refuses_like_a_file(client):
    with client.open("bucket", "big") as reader:
        reader.read(10)
    for use in (
        reader.read,
        reader.readall,
        reader.tell,
        reader.readable,
        reader.seekable,
        reader.open_pipe,
        reader.finish,
        reader.__enter__,
        lambda: reader.read(1),
        lambda: reader.readinto(bytearray(1)),
        lambda: reader.seek(0),
    ):
        with pytest.raises(ValueError, match="closed"):
            use()
    reader.close()
    reader.cancel()
    assert reader.closed and reader.object.size == 8 << 20 and reader.verdict is None
    assert "closed" in repr(reader)


@pytest.mark.parametrize("way", ["close", "del", "cycle", "cancelled"])
def test_a_connection_goes_with_its_reader(stalling, way):
    client = stalling.client()
    reader = client.open("bucket", "key")
    reader.read(10)
    assert stalling.open == 1
    gone = weakref.ref(reader)
    if way == "close":
        reader.close()
    elif way == "cycle":
        reader.itself = reader
        del reader
        gc.collect()
    elif way == "cancelled":
        reader.cancel()
        with pytest.raises(s3stream.CancelledError):
            reader.read(1)
        reader.close()
    else:
        del reader
        gc.collect()
    assert way in ("close", "cancelled") or gone() is None
    until(lambda: stalling.open == 0)


def test_connections_go_with_their_stream(stalling):
    client = stalling.client()
    stream = client.stream("bucket", ["a", "b", "c"])
    next(stream).read(10)
    until(lambda: stalling.open == 3)
    del stream
    gc.collect()
    until(lambda: stalling.open == 0)


AT_THE_END = """
import s3stream, sys
client = s3stream.Client(sys.argv[1], anonymous=True, proxy="none")
reader = client.open("bucket", "key")
reader.read(10)
listing = client.list("bucket")
stream = client.stream("bucket", ["a", "b"])
ahead = next(stream)
pipe = client.open("bucket", "key").open_pipe()
cycle = [client, reader, stream]
cycle.append(cycle)
print("the end")
"""


def test_python_ends_well_with_everything_open(stalling):
    port = stalling.listener.getsockname()[1]
    command = [sys.executable, "-X", "dev", "-c", AT_THE_END, f"http://127.0.0.1:{port}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "the end\n", "")


def test_nothing_can_be_pickled_that_is_a_connection(client):
    import pickle

    for thing in (client, client.open("bucket", "big")):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)
