"""Objects, prefixes, buckets, verdicts and wishes: values that never change."""

import pickle
from datetime import datetime, timedelta, timezone

import pytest
import s3stream
from s3stream import report

TIME = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc)
PINNED = s3stream.Wanted.of(s3stream.Object("k", 5, "etag"), pinned=True)
VALUES = [
    s3stream.Object("k", 5, "etag", TIME, "STANDARD", "v", False, True, "text/plain", {"a": "b"}),
    s3stream.Object("k"),
    s3stream.Metadata("text/plain", expires="never", user=[("a", b"\xff"), ("a", "b")]),
    s3stream.Details(2, "aws:kms", "key", retention_mode="GOVERNANCE", retain_until=TIME),
    s3stream.RestoreStatus(False, TIME),
    s3stream.Checksum("crc32", "y/Q5Jg==", "cbf43926"),
    s3stream.Acl("o", None, [s3stream.Grant("Group", "all", None, "READ")]),
    s3stream.CommonPrefix("a/"),
    s3stream.Bucket("b", TIME),
    s3stream.Verdict("md5", 5, 1, 2),
    s3stream.Verdict("length", 5, 0, 0, "read twice", 5, True),
    s3stream.Wanted("k", version_id="v", if_match="e", size=7, ahead=False),
    PINNED,
    report.Failure("not_found", "gone", 404),
    report.Record("b", "k", "failed", last_modified=TIME, error=report.Failure("connection")),
]
#: One of each class.
ONES = list({type(value): value for value in VALUES}.values())


@pytest.mark.parametrize("value", VALUES, ids=lambda one: type(one).__name__)
def test_a_value_is_frozen_equal_hashable_and_picklable(value):
    again = pickle.loads(pickle.dumps(value))
    assert again == value and hash(again) == hash(value) and repr(again) == repr(value)
    assert not hasattr(value, "__dict__")
    first = type(value).__slots__[0]
    with pytest.raises(AttributeError, match="never changes"):
        setattr(value, first, None)
    with pytest.raises(AttributeError, match="never changes"):
        delattr(value, first)


@pytest.mark.parametrize("value", ONES, ids=lambda one: type(one).__name__)
def test_a_value_is_equal_to_nothing_that_differs_in_a_field(value):
    for name in type(value).__match_args__:
        other = pickle.loads(pickle.dumps(value))
        # Fields and where they are kept have the same order.
        slot = type(value).__slots__[type(value).__match_args__.index(name)]
        object.__setattr__(other, slot, 77_000_000)
        assert other != value, name
    assert value != type(value).__name__


def test_a_value_shows_its_fields():
    verdict = s3stream.Verdict("md5", 5, 1, 2)
    assert repr(verdict) == (
        "Verdict(method='md5', bytes=5, resumes=1, retries=2, unproven=None, reread=0, "
        "is_probably_damaged=False)"
    )
    described = s3stream.Object("k", last_modified=TIME)
    assert f"etag=None, last_modified={TIME!r}, storage_class=None" in repr(described)


def test_a_verdict_is_proven_or_says_why_not():
    assert s3stream.Verdict("md5", 5, 1, 2).is_proven
    assert not s3stream.Verdict("length", 5, 1, 2, "none offered").is_proven


def test_metadata_cannot_be_changed():
    with pytest.raises(TypeError):
        VALUES[0].metadata["a"] = "c"


def test_a_wish_takes_what_a_listing_said():
    assert (PINNED.key, PINNED.size, PINNED.if_match) == ("k", 5, "etag")
    assert s3stream.Wanted.of(s3stream.Object("k", 5, "etag")).if_match is None


def test_times_keep_their_zone_and_their_fraction():
    from s3stream.objects import _microseconds, _time

    before = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)
    assert _microseconds(before) == -1 and _time(-1) == before
    elsewhere = TIME.astimezone(timezone(timedelta(hours=9)))
    assert _time(_microseconds(elsewhere)) == TIME
    assert s3stream.Object("k", last_modified=elsewhere) == s3stream.Object("k", last_modified=TIME)
