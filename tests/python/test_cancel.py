"""`cancel` from any thread wakes a blocked call within a tenth of a second."""

import threading
import time

import pytest
import s3stream
from servers import until

# The promise, and what a loaded machine may add to it.
SOON = 0.1
LOAD = 1.0


def cancelled_after(blocked, condition, cancel):
    """How long `blocked` took to raise `CancelledError` after `cancel`, in seconds."""
    outcome = {}

    def call():
        try:
            blocked()
        except BaseException as error:
            outcome["error"] = error
        outcome["ended"] = time.monotonic()

    thread = threading.Thread(target=call)
    thread.start()
    until(condition)
    begun = time.monotonic()
    cancel()
    thread.join(20)
    assert isinstance(outcome["error"], s3stream.CancelledError), outcome
    return outcome["ended"] - begun


def test_a_read_is_cancelled(stalling):
    client = stalling.client()
    reader = client.open("bucket", "key")
    waited = cancelled_after(
        reader.read, lambda: client.stats()["bytes"] >= stalling.HALF, reader.cancel
    )
    assert waited < SOON + LOAD
    for _ in range(2):
        with pytest.raises(s3stream.CancelledError):
            reader.read(1)
    assert reader.verdict is None


def test_the_first_of_many_cancels_is_soon(stalling):
    """The promise itself: a loaded machine may miss it at times, but not at all times."""
    stalling.is_mute = True
    waits = []
    for _ in range(10):
        client = stalling.client()
        before = stalling.requests
        waits.append(
            cancelled_after(
                lambda client=client: client.open("bucket", "key"),
                lambda before=before: stalling.requests > before,
                client.cancel,
            )
        )
    assert min(waits) < SOON


def test_a_listing_is_cancelled(stalling):
    stalling.is_mute = True
    listing = stalling.client().list("bucket")
    waited = cancelled_after(
        lambda: next(listing), lambda: stalling.requests > 0, listing.cancel
    )
    assert waited < SOON + LOAD


def test_a_stream_is_cancelled(stalling):
    stalling.is_mute = True
    stream = stalling.client().stream("bucket", ["key"])
    waited = cancelled_after(lambda: next(stream), lambda: stalling.requests > 0, stream.cancel)
    assert waited < SOON + LOAD


def test_a_client_cancels_everything_for_good(stalling):
    client = stalling.client()
    reader = client.open("bucket", "key")
    waited = cancelled_after(
        reader.read, lambda: client.stats()["bytes"] >= stalling.HALF, client.cancel
    )
    assert waited < SOON + LOAD
    with pytest.raises(s3stream.CancelledError):
        client.head("bucket", "key")


def test_closing_cancels_a_read_in_another_thread(stalling):
    client = stalling.client()
    reader = client.open("bucket", "key")
    waited = cancelled_after(
        reader.read, lambda: client.stats()["bytes"] >= stalling.HALF, reader.close
    )
    assert waited < SOON + LOAD
    with pytest.raises(ValueError, match="closed reader"):
        reader.read()


def test_a_cancelled_reader_leaves_its_client_alone(client):
    reader = client.open("bucket", "big")
    reader.cancel()
    with pytest.raises(s3stream.CancelledError):
        reader.read()
    assert len(client.open("bucket", "big").read()) == 8 << 20
