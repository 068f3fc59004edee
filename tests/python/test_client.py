"""The client: its settings are the contract's, wrong ones are named."""

import inspect
import re
import typing

import pytest
import s3stream
from s3stream import _native
from s3stream.settings import UNSET, Settings


def test_the_constructor_is_the_cores_table():
    parameters = inspect.signature(s3stream.Client).parameters
    assert list(parameters) == [name for name, _, _ in _native.client_settings()]
    assert {one.default for one in parameters.values()} == {UNSET}
    assert repr(UNSET) == "UNSET"


def test_every_setting_is_described():
    for name, default, _ in _native.client_settings():
        # CPython 3.13 takes the indentation off.
        assert re.search(rf"\n *{name}: ", Settings.__init__.__doc__), name
        if default not in ("", "true", "false"):
            assert f"({default})" in " ".join(Settings.__init__.__doc__.split())


def test_none_and_unset_are_not_said(server, monkeypatch):
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    for nothing in (None, UNSET):
        client = s3stream.Client(endpoint_url=nothing, stall_timeout=nothing, verify=nothing)
        assert client.head("bucket", "big").size == 8 << 20


@pytest.mark.parametrize(
    "name", sorted(name for name in s3stream.__all__ if isinstance(getattr(s3stream, name), type))
)
def test_hints_of_every_class_can_be_resolved(name):
    one = getattr(s3stream, name)
    typing.get_type_hints(one)
    for member in vars(one).values():
        if inspect.isfunction(member):
            typing.get_type_hints(member)


def test_an_explicit_default_wins_over_the_profile(tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text("[default]\ns3 =\n  addressing_style = virtual\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    given = {"endpoint_url": "http://127.0.0.1:1", "anonymous": True}
    with pytest.raises(s3stream.InvalidInputError, match="addressing_style=virtual"):
        s3stream.Client(**given)
    s3stream.Client(addressing_style="auto", **given).close()
    s3stream.Client(addressing_style="path", **given).close()


def test_absent_verbs_are_absent():
    for name in ("create", "delete"):
        assert not hasattr(s3stream.Client, name)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"endpoint_url": "ftp://host"}, "endpoint_url"),
        ({"stall_timeout": 0}, "stall_timeout"),
        ({"region": "us-east-2!"}, "region: 'us-east-2!'"),
        ({"proxy": "socks5://user:hunter2@proxy"}, "SOCKS"),
        ({"endpoint_url": "http://h", "use_fips_endpoint": True}, "use_fips_endpoint"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"integrity": "best"}, "integrity"),
        ({"read_twice": "once"}, "read_twice"),
        ({"own_digest": "once"}, "own_digest"),
        ({"require_proof": "maybe"}, "require_proof"),
        ({"access_key_id": "a"}, "secret_access_key"),
        ({"profile": "nowhere"}, "nowhere"),
        ({"memory_limit": 1 << 20, "window": 2 << 20, "anonymous": True}, "window"),
        ({"verify": "perhaps"}, "verify"),
    ],
)
def test_a_wrong_setting_is_named(settings, part):
    with pytest.raises(s3stream.InvalidInputError, match=part) as caught:
        s3stream.Client(**settings)
    assert isinstance(caught.value, ValueError)


def test_a_refused_secret_is_not_repeated():
    with pytest.raises(s3stream.InvalidInputError) as caught:
        s3stream.Client(access_key_id="a", secret_access_key="hunter2\n")
    assert "hunter2" not in str(caught.value) + repr(caught.value)


def test_the_usual_environment_is_enough(server, monkeypatch):
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    assert s3stream.Client().head("bucket", "big").size == 8 << 20


def test_a_profile_says_what_is_not_given(server, monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "[profile here]\nendpoint_url = {AWS_ENDPOINT_URL}\n"
        "aws_access_key_id = {AWS_ACCESS_KEY_ID}\n"
        "aws_secret_access_key = {AWS_SECRET_ACCESS_KEY}\n".format(**server.environment)
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    client = s3stream.Client(profile="here", proxy="none")
    assert [one.name for one in client.list_buckets()] == ["bucket"]


def test_a_closed_client_says_so_and_its_readers_go_on(server):
    with server.client() as client:
        reader = client.open("bucket", "big")
    client.close()
    for use in (
        client.list_buckets,
        client.stats,
        client.cancel,
        lambda: client.open("bucket", "big"),
        lambda: client.list("bucket"),
        lambda: client.head("bucket", "big"),
        lambda: client.stream("bucket", []),
    ):
        with pytest.raises(ValueError, match="closed client"):
            use()
    assert len(reader.read()) == 8 << 20


def test_stats_count(client):
    before = client.stats()
    assert set(before) == {
        "requests",
        "bytes",
        "retries",
        "resumes",
        "throttles",
        "unproven",
        "outages",
        "outages_over",
        "outage_seconds",
    }
    client.open("bucket", "big").read()
    after = client.stats()
    assert after["bytes"] - before["bytes"] == 8 << 20
    assert after["requests"] - before["requests"] >= 1


def test_buckets_have_a_name_and_a_time(client):
    [bucket] = client.list_buckets()
    assert bucket.name == "bucket" and bucket.created.tzinfo is not None
