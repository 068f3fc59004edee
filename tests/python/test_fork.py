"""After a fork the child starts afresh; what was opened before fails there, and only there."""

import multiprocessing
import os
import sys
import traceback

import pytest
import s3stream

# A process with threads is forked here on purpose: that is what agents do.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

SIZE = 8 << 20


def in_child(body):
    """Runs `body` in a forked child, which ends without the parent's clean-up."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            body()
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_client_works_afresh_and_an_inherited_reader_fails(server):
    client = server.client()
    reader, listing = client.open("bucket", "big"), client.list("bucket", "keys/")
    beginning = reader.read(100_000)
    next(listing)

    def body():
        for use in (lambda: reader.read(1), lambda: list(listing)):
            with pytest.raises(s3stream.InvalidInputError, match="fork"):
                use()
        reader.close()
        fresh = client.open("bucket", "big")
        assert len(fresh.read()) == SIZE and fresh.verdict is not None
        assert len(list(client.list("bucket", "keys/"))) == 300

    in_child(body)
    assert len(beginning) + len(reader.read()) == SIZE
    assert reader.verdict.resumes == 0, "the parent's connection was disturbed"
    assert len(list(listing)) == 299


def test_a_stream_with_its_thread_is_left_to_the_parent(server):
    client = server.client()
    stream = client.stream("bucket", client.list("bucket", "keys/"))
    assert next(stream).read()

    def body():
        with pytest.raises((s3stream.InvalidInputError, s3stream.CancelledError)):
            next(stream)
        stream.close()
        sizes = [len(one.read()) for one in client.stream("bucket", ["big", "keys/0000000001"])]
        assert sizes == [SIZE, 1]

    in_child(body)
    assert sum(len(one.read()) for one in stream) == 299


def read_in_worker(endpoint):
    client = s3stream.Client(
        endpoint, access_key_id="test", secret_access_key="testsecret", proxy="none"
    )
    return len(client.open("bucket", "big").read())


def test_workers_of_multiprocessing_read(server, client):
    assert len(client.open("bucket", "big").read(10)) == 10
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(read_in_worker, [server.endpoint] * 3) == [SIZE] * 3
