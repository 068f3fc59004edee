"""What a reply says of an object besides its bytes, and what can be asked of it apart from them."""

import base64
import os
import pickle
from datetime import datetime, timezone

import pytest
import s3stream
from test_faults import FAULTS, Played

UNTIL = datetime(2033, 5, 18, 3, 33, 20, tzinfo=timezone.utc)


def test_every_field_of_a_reply_is_kept_to_the_byte(tmp_path):
    played = Played(FAULTS / "metadata_of_any_bytes_is_kept.fault", tmp_path)
    with played.client() as client, client.open("bucket", "key") as reader:
        assert reader.read() == b""
        described = reader.object
    assert played.finish() == ""
    kept = described.metadata
    assert kept.headers == (
        ("content-type", b"text/plain"),
        ("cache-control", b"no-cache"),
        ("content-encoding", b"gzip"),
        ("content-disposition", b'attachment; filename="\xfc.txt"'),
        ("content-language", b"de"),
        ("expires", b"never"),
        ("x-amz-website-redirect-location", b"/other"),
    )
    assert kept.user == (
        ("name", b"JULI\xc1N"),
        ("utf8", "ü".encode()),
        ("words", b"=?UTF-8?B?SlVMScOBTg==?="),
        ("none", b""),
        ("twice", b"a"),
        ("twice", b"b"),
    )
    assert (kept.content_type, described.content_type) == ("text/plain", "text/plain")
    assert kept.content_disposition == 'attachment; filename="ü.txt"'
    assert dict(kept.items())["name"] == kept["name"] == kept.get("name") == "JULIÁN"
    assert (kept["twice"], len(kept), list(kept)[:2]) == ("a, b", 5, ["name", "utf8"])
    assert "none" in kept and "nothing" not in kept and kept.missing_meta == 2
    details = described.details
    assert (details.tag_count, details.encryption, details.legal_hold) == (3, "AES256", "ON")
    assert (details.retention_mode, details.retain_until) == ("GOVERNANCE", UNTIL)
    assert details.replication_status == "REPLICA"
    assert (details.parts_count, details.unread) == (None, ("x-amz-mp-parts-count",))
    restored = described.restore_status
    assert restored.is_restored and restored.until == UNTIL
    again = pickle.loads(pickle.dumps(described))
    assert again == described and again.metadata == kept and again.details == details


def test_a_verdict_carries_the_digest_of_the_server_and_our_own(server, client):
    server.put("digested", b"hello")
    reader = client.open("bucket", "digested")
    reader.read()
    own = reader.verdict.own_digest
    assert own == reader.verdict.digest == s3stream.Checksum("crc64nvme", own.value, own.hex)
    assert base64.b64decode(own.value).hex() == own.hex
    assert pickle.loads(pickle.dumps(reader.verdict)).own_digest == own
    with server.client(own_digest=False, integrity="length") as plain:
        reader = plain.open("bucket", "digested")
        reader.read()
        assert (reader.verdict.own_digest, reader.verdict.digest) == (None, None)


def test_tags_are_asked_for(server, client):
    server.put("tagged", b"hello", headers={"x-amz-tagging": "a=1&b=%20x"})
    assert sorted(client.tags("bucket", "tagged")) == [("a", "1"), ("b", " x")]
    server.put("untagged", b"hello")
    assert client.tags("bucket", "untagged") == []
    with pytest.raises(s3stream.NotFoundError):
        client.tags("bucket", "missing")


def test_a_version_has_a_path_of_its_own():
    for key in ("a", "a/b", "/", "..", "é"):
        for version_id in ("null", "a/b", ".."):
            path = s3stream.version_file_name(key, version_id)
            assert s3stream.version_of(path) == (key, version_id)
            assert os.path.normpath(path) == path and not path.startswith("/")
    with pytest.raises(s3stream.InvalidInputError):
        s3stream.version_of("a")
