"""Threads may share everything: calls on one thing take turns."""

import threading
from concurrent.futures import ThreadPoolExecutor

from servers import Stalling, until


def test_threads_that_share_a_reader_take_turns(client):
    reader, pieces = client.open("bucket", "big"), []

    def read():
        while True:
            piece = reader.read(10_000)
            if not piece:
                return
            pieces.append(piece)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, pieces)) == 8 << 20
    assert reader.verdict.method == "crc64nvme", "no byte was lost or read twice"


def test_threads_that_share_a_listing_get_every_entry_once(client):
    listing = client.list("bucket", "keys/")
    with ThreadPoolExecutor(6) as pool:
        parts = list(pool.map(lambda _: [one.key for one in listing], range(6)))
    keys = [key for part in parts for key in part]
    assert len(keys) == 300 and len(set(keys)) == 300


def test_threads_that_share_a_client_read_at_once(client):
    with ThreadPoolExecutor(6) as pool:
        sizes = pool.map(lambda _: len(client.open("bucket", "big").read()), range(12))
    assert set(sizes) == {8 << 20}


def test_the_lock_of_the_interpreter_is_free_during_a_wait(stalling):
    client = stalling.client()
    reader = client.open("bucket", "key")
    read = []
    thread = threading.Thread(target=lambda: read.append(reader.read()))
    thread.start()
    # This thread runs, which it could not if the other one held the lock.
    until(lambda: client.stats()["bytes"] >= stalling.HALF)
    stalling.go_on.set()
    thread.join()
    assert read == [Stalling.CONTENT]
