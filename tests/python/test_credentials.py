"""Keys that are replaced while a client is in use, and who signs."""

import datetime
import os
import stat

import pytest
import s3stream
from test_command import run


def test_keys_are_replaced_under_a_listing_that_goes_on(server):
    with server.client() as client:
        listing = iter(client.list("bucket", "keys/"))
        first = next(listing).key
        client.set_credentials("nobody", "wrong")
        with pytest.raises(s3stream.AccessDeniedError):
            for _ in client.list("bucket", "keys/"):
                pass
        given = server.environment
        client.set_credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
        keys = [first, *(one.key for one in listing)]
        assert len(keys) == 300 and keys == sorted(set(keys))


def test_keys_that_cannot_be_used_are_refused(server):
    with server.client() as client:
        with pytest.raises(s3stream.InvalidInputError, match="control character") as caught:
            client.set_credentials("id", "hunter2\n")
        assert "hunter2" not in str(caught.value)
    anonymous = s3stream.Client(endpoint_url=server.endpoint, anonymous=True, proxy="none")
    with pytest.raises(s3stream.InvalidInputError, match="signs nothing"):
        anonymous.set_credentials("id", "secret")


def test_keys_that_end_are_wanted_before(server):
    with server.client() as client:
        assert not client.wants_credentials
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=-1)
        client.set_credentials("id", "secret", "token", soon)
        assert client.wants_credentials
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
        client.set_credentials("id", "secret", "token", later)
        assert not client.wants_credentials
        assert abs(client.caller().expires - later) < datetime.timedelta(milliseconds=1)


def test_a_client_says_where_its_keys_come_from(server, tmp_path, monkeypatch):
    with server.client() as client:
        caller = client.caller()
        assert (caller.source, caller.expires, caller.arn) == ("settings", None, None)
        assert "secret" not in repr(caller).lower()
    anonymous = s3stream.Client(endpoint_url=server.endpoint, anonymous=True, proxy="none")
    assert anonymous.caller().access_key_id is None
    program = tmp_path / "keys.sh"
    program.write_text(
        "#!/bin/sh\n"
        f"echo '{{\"Version\": 1, \"AccessKeyId\": \"{server.environment['AWS_ACCESS_KEY_ID']}\","
        f" \"SecretAccessKey\": \"{server.environment['AWS_SECRET_ACCESS_KEY']}\"}}'\n"
    )
    program.chmod(stat.S_IRWXU)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(f"[default]\ncredential_process={program}\n")
    with s3stream.Client(endpoint_url=server.endpoint, proxy="none") as client:
        assert client.caller().source == "credential_process of profile 'default'"
        assert client.head("bucket", "big").size == 8 << 20
    program.write_text("#!/bin/sh\necho hunter2; exit 3\n")
    with s3stream.Client(endpoint_url=server.endpoint, proxy="none") as client:
        with pytest.raises(s3stream.InvalidInputError, match="exit status: 3") as caught:
            client.head("bucket", "big")
        assert "hunter2" not in str(caught.value)


def test_check_says_by_which_keys(server):
    said = run(server, "check", "s3://bucket/big").stdout.decode().splitlines()
    assert said[1].split(None, 2)[2] == "it is accepted; keys of the environment"
    assert os.environ.get("AWS_PROFILE") is None
