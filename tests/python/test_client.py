"""The client: its settings are the contract's, wrong ones are named."""

import inspect

import pytest
import s3stream
from s3stream import _native


def test_the_constructor_is_the_contracts():
    parameters = inspect.signature(s3stream.Client).parameters
    assert {name: one.default for name, one in parameters.items()} == {
        "endpoint_url": None,
        "region": None,
        "access_key_id": None,
        "secret_access_key": None,
        "session_token": None,
        "profile": None,
        "anonymous": False,
        "addressing_style": "auto",
        "use_fips_endpoint": None,
        "use_dualstack_endpoint": None,
        "use_accelerate_endpoint": None,
        "ca_bundle": None,
        "verify": True,
        "proxy": None,
        "connect_timeout": 10.0,
        "stall_timeout": 60.0,
        "idle_timeout": 30.0,
        "max_attempts": 8,
        "retry_base_delay": 0.1,
        "retry_max_delay": 20.0,
        "memory_limit": 64 << 20,
        "window": 8 << 20,
        "integrity": "full",
        "read_twice": True,
        "require_proof": "warn",
        "user_agent": None,
        "request_payer": None,
        "sse_customer_key": None,
    }


def test_settings_and_defaults_are_the_cores():
    core = {name: default for name, default, _ in _native.client_settings()}
    parameters = inspect.signature(s3stream.Client).parameters
    assert list(core) == list(parameters)
    for name, one in parameters.items():
        if isinstance(one.default, bool):
            assert core[name] == str(one.default).lower()
        elif isinstance(one.default, (int, float)):
            assert float(core[name]) == one.default
    # What has its default is not passed on, so the two must not drift apart.
    from s3stream.client import _DEFAULTS

    given = {name: one.default for name, one in parameters.items() if one.default is not None}
    assert given == _DEFAULTS


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
    for name in ("create", "delete", "plan"):
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
    assert set(before) == {"requests", "bytes", "retries", "resumes", "throttles", "unproven"}
    client.open("bucket", "big").read()
    after = client.stats()
    assert after["bytes"] - before["bytes"] == 8 << 20
    assert after["requests"] - before["requests"] >= 1


def test_buckets_have_a_name_and_a_time(client):
    [bucket] = client.list_buckets()
    assert bucket.name == "bucket" and bucket.created.tzinfo is not None
