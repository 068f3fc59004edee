"""One table of errors, the same in Rust and Python; each error is what its users expect."""

import copy
import pickle

import pytest
import s3stream
from s3stream import _native, errors

# The contract's: kind, errno by name, class, the other base.
TABLE = [
    ("invalid_input", "EINVAL", "InvalidInputError", ValueError),
    ("not_found", "ENOENT", "NotFoundError", FileNotFoundError),
    ("access_denied", "EACCES", "AccessDeniedError", PermissionError),
    ("changed", "ESTALE", "ChangedError", OSError),
    ("throttled", "EBUSY", "ThrottledError", OSError),
    ("timed_out", "ETIMEDOUT", "TimedOutError", TimeoutError),
    ("connection", "ECONNABORTED", "TransportError", ConnectionError),
    ("service", "EIO", "ServiceError", OSError),
    ("protocol", "EPROTO", "ProtocolError", OSError),
    ("integrity", "EBADMSG", "IntegrityError", OSError),
    ("cancelled", "ECANCELED", "CancelledError", OSError),
    ("internal", "ENOTRECOVERABLE", "InternalError", RuntimeError),
    ("archived", "ENODATA", "ArchivedError", OSError),
    ("already_exists", "EEXIST", "AlreadyExistsError", FileExistsError),
    ("unsupported", "ENOTSUP", "UnsupportedError", NotImplementedError),
]


def classes():
    return [getattr(errors, row[2]) for row in TABLE]


def test_the_native_table_is_the_contracts():
    import errno

    contract = [
        (number, kind, getattr(errno, name), class_)
        for number, (kind, name, class_, _) in enumerate(TABLE, 1)
    ]
    assert _native.error_kinds() == contract


def test_the_classes_are_the_native_tables():
    for (_, kind, number, name), row in zip(_native.error_kinds(), TABLE):
        class_ = getattr(s3stream, name)
        error = class_("what went wrong")
        assert (error.kind, error.errno, class_.__name__) == (kind, number, name)
        assert isinstance(error, s3stream.S3Error) and isinstance(error, OSError)
        assert isinstance(error, row[3])
        assert class_.__doc__


def test_every_class_of_errors_is_in_the_table():
    subclasses = {one.__name__ for one in s3stream.S3Error.__subclasses__()}
    assert subclasses == {row[2] for row in TABLE}


@pytest.mark.parametrize("class_", classes(), ids=lambda one: one.__name__)
@pytest.mark.parametrize("again", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_error_survives_a_copy(class_, again):
    facts = {
        "line": "open s3://b/k: failed",
        "filename": "s3://b/k",
        "status": 404,
        "code": "NoSuchKey",
        "request_id": "tx1",
        "attempts": 3,
    }
    error = class_("failed", **facts)
    copied = again(error)
    assert type(copied) is class_ and str(copied) == str(error) == facts["line"]
    assert (copied.errno, copied.strerror) == (error.errno, "failed")
    for name in ("filename", "status", "code", "request_id", "attempts"):
        assert getattr(copied, name) == facts[name], name


def test_a_missing_key_says_all_there_is_to_say(client):
    with pytest.raises(FileNotFoundError) as caught:
        client.open("bucket", "no\nkey")
    error = caught.value
    assert error.filename == "s3://bucket/no\nkey"
    assert (error.kind, error.status, error.code) == ("not_found", 404, "NoSuchKey")
    assert error.request_id and error.attempts == 1
    line = str(error)
    assert "\n" not in line and "open s3://bucket/no\\nkey" in line and error.strerror in line


def test_a_wrong_secret_is_never_shown(server):
    client = server.client(secret_access_key="not-this-one")
    with pytest.raises(PermissionError) as caught:
        list(client.list("bucket"))
    assert caught.value.kind == "access_denied"
    assert "not-this-one" not in str(caught.value) + repr(vars(caught.value))


def test_text_that_no_server_can_have_is_refused(client):
    for use in (
        lambda: client.open("bucket", "\ud800"),
        lambda: list(client.list("bucket", "\ud800")),
        lambda: s3stream.file_name("\ud800"),
    ):
        with pytest.raises(UnicodeEncodeError):
            use()
