"""Ctrl-C ends a wait at once and loses nothing."""

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager

import pytest
import s3stream
from servers import Stalling, until


@contextmanager
def interrupted(condition):
    """Expects the block to be interrupted; sends SIGINT once a condition holds."""
    ready = threading.Event()

    def send():
        ready.wait()
        until(condition)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        ready.set()
        yield
    thread.join()


def is_in(name):
    """Whether the main thread is in a function of that name."""
    frame = sys._current_frames()[threading.main_thread().ident]
    return frame.f_code.co_name == name


@pytest.mark.parametrize(
    "use",
    [
        lambda client: client.open("bucket", "key"),
        lambda client: client.head("bucket", "key"),
        lambda client: client.list_buckets(),
        lambda client: next(client.list("bucket")),
        lambda client: next(client.stream("bucket", ["key"])),
    ],
    ids=["open", "head", "list_buckets", "list", "stream"],
)
def test_a_request_without_a_reply_is_interrupted(stalling, use):
    stalling.is_mute = True
    begun = time.monotonic()
    with interrupted(lambda: stalling.requests > 0):
        use(stalling.client())
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("way", ["read", "readinto", "readall"])
def test_an_interrupted_read_is_taken_up_where_it_was(stalling, way):
    client = stalling.client()
    reader = client.open("bucket", "key")
    beginning = reader.read(1000)
    buffer = bytearray(150_000)
    with interrupted(lambda: client.stats()["bytes"] >= stalling.HALF):
        if way == "readinto":
            reader.readinto(buffer)
        else:
            reader.read(150_000 if way == "read" else -1)
    assert reader.tell() == 1000 and reader.verdict is None
    stalling.go_on.set()
    assert beginning + reader.read() == Stalling.CONTENT
    assert reader.verdict.resumes == 0, "on the same connection"


def test_an_interrupted_listing_goes_on(stalling):
    stalling.is_mute = True
    listing = stalling.client(max_attempts=1).list("bucket")
    with interrupted(lambda: stalling.requests > 0):
        next(listing)
    # The reply that it still waits for comes.
    stalling.go_on.set()
    with pytest.raises(s3stream.NotFoundError):
        next(listing)
    assert stalling.requests == 1


def test_a_handler_that_does_not_raise_ends_nothing(stalling):
    client, handled = stalling.client(), []

    def handler(number, frame):
        handled.append(number)
        # A handler may use the client's other calls, and the reader's `cancel`.
        assert client.stats()["requests"] == 1
        with pytest.raises(RuntimeError, match="reentrant"):
            reader.read(1)
        stalling.go_on.set()

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        reader = client.open("bucket", "key")

        def send():
            until(lambda: client.stats()["bytes"] >= stalling.HALF)
            os.kill(os.getpid(), signal.SIGUSR1)

        thread = threading.Thread(target=send)
        thread.start()
        assert reader.read() == Stalling.CONTENT
        thread.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert handled == [signal.SIGUSR1] and reader.verdict is not None


def test_a_stream_whose_source_was_interrupted_ends(client):
    def source():
        yield "keys/0000000001"
        raise KeyboardInterrupt

    stream = client.stream("bucket", source())
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    with pytest.raises(s3stream.CancelledError):
        next(stream)


def test_an_interrupted_pipe_is_waited_for_again(stalling):
    client = stalling.client()
    reader = client.open("bucket", "key")
    descriptor = reader.open_pipe()
    with interrupted(lambda: is_in("finish")):
        reader.finish()
    stalling.go_on.set()
    with os.fdopen(descriptor, "rb") as file:
        assert file.read() == Stalling.CONTENT
    assert reader.finish().bytes == len(Stalling.CONTENT)
