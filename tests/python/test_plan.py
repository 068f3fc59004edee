"""Plans: a bucket cut into shards, kept, revised, drawn."""

import json
import pickle
import threading

import pytest
import s3stream
from s3stream.command.plan_page import page
from s3stream.plan import Plan, Shard, flaws
from test_command import run


@pytest.fixture
def planned(client):
    return client.plan("bucket", "keys/", limit_objects=100, lanes=2)


def listed(client, shard):
    return [one.key for one in client.list("bucket", "keys/", **shard.range())]


def test_the_shards_of_a_plan_list_every_key_once(client, planned):
    plan = planned.plan
    assert [shard.objects for shard in plan.shards] == [60, 60, 60, 60, 60]
    keys = [key for shard in plan.shards for key in listed(client, shard)]
    assert keys == [one.key for one in client.list("bucket", "keys/")]
    assert (planned.objects, planned.bytes, planned.unreadable) == (300, 300, 0)
    assert [shard.lane for shard in plan.shards] == [0, 1, 0, 1, 0]
    assert all(key in plan.shards[1] for key in listed(client, plan.shards[1]))
    assert keys[0] not in plan.shards[1] and keys[-1] not in plan.shards[1]


def test_the_same_bucket_gives_the_same_plan(client, planned):
    again = client.plan("bucket", "keys/", limit_objects=100, lanes=2)
    assert again == planned and again.fingerprint == planned.fingerprint
    revised = client.plan("bucket", "keys/", previous=planned.plan)
    assert (revised.plan, revised.changes) == (planned.plan, ())


def test_a_plan_is_revised_within_new_limits(client, planned):
    revised = client.plan("bucket", "keys/", previous=planned.plan, limit_objects=50, force=True)
    assert {change.reason for change in revised.changes} == {"split"}
    donor = revised.plan.shard(1)
    assert donor.range() == planned.plan.shard(1).range() and donor.waits_for == (6,)
    done = client.plan(
        "bucket", "keys/", previous=revised.plan, backed_up=[s.id for s in revised.plan.shards]
    )
    assert {change.reason for change in done.changes} == {"shrunk"}
    assert flaws((s.id, s.start_after, s.end_at) for s in done.plan.shards) == []


def test_a_plan_survives_pickle_and_its_file(planned, tmp_path):
    plan = planned.plan
    assert pickle.loads(pickle.dumps(planned)) == planned
    plan.write(tmp_path / "plan.json")
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]
    (tmp_path / "plan.json").write_text(str(plan).replace('"lanes": 2', '"lanes": 3'))
    with pytest.raises(ValueError, match=r"plan\.json: this is no plan: its SHA-256"):
        Plan.read(tmp_path / "plan.json")


def test_a_shard_that_is_not_there_is_said(planned):
    with pytest.raises(KeyError, match="has no shard 0099"):
        planned.plan.shard(99)


def test_what_cannot_be_planned_is_refused(client, planned):
    with pytest.raises(s3stream.InvalidInputError, match="prefix 'keys/'"):
        client.plan("bucket", "other/", previous=planned.plan)
    with pytest.raises(s3stream.InvalidInputError, match="from 1 to 100 percent"):
        client.plan("bucket", fill_percent=101)
    with pytest.raises(s3stream.NotFoundError):
        client.plan("no-such-bucket")


def test_progress_is_told_and_may_end_the_plan(client):
    seen = []
    client.plan("bucket", "keys/", progress=lambda *counts: seen.append(counts))
    assert seen[-1] == (300, 300)

    class Enough(Exception):
        pass

    def enough(*_):
        raise Enough

    with pytest.raises(Enough):
        client.plan("bucket", progress=enough)


def test_cancelling_the_client_ends_a_plan(stalling):
    client = stalling.client()
    failed = []

    def plan():
        try:
            client.plan("bucket")
        except s3stream.S3Error as error:
            failed.append(error.kind)

    thread = threading.Thread(target=plan)
    thread.start()
    client.cancel()
    thread.join(20)
    assert failed and failed[0] in ("cancelled", "protocol")


def test_the_command_makes_revises_and_checks_a_plan(server, tmp_path):
    file, page = str(tmp_path / "plan.json"), tmp_path / "plan.html"
    place = "s3://bucket/keys/"
    made = run(server, "plan", place, file, "--objects", "100", "--page", str(page))
    assert made.returncode == 0, made.stderr
    assert made.stdout.decode().splitlines() == [
        "bucket 'bucket', revision 1: 5 shards of 300 objects and 300 B, the fullest at 60%"
    ]
    assert page.read_text().count("<rect ") == 5 and "<script" not in page.read_text()
    again = run(server, "plan", place, file)
    assert again.stdout.splitlines()[-1] == b"nothing is changed"
    split = run(server, "plan", place, file, "--objects", "50")
    assert split.stdout.decode().splitlines()[1:3] == [
        "shard 0001 is at 120%: its upper keys go to 0006",
        "shard 0002 is at 120%, and is left for the next time: enough is changed at once",
    ]
    assert b"shard 0001 becomes smaller once these are backed up: 0006" in split.stdout
    shrunk = run(server, "plan", place, file, "--backed-up", "6", "--json")
    facts = json.loads(shrunk.stdout)
    assert [change["reason"] for change in facts["changes"]][0] == "shrunk"
    assert sum(shard["objects"] for shard in facts["shards"]) == facts["objects"] == 300
    checked = run(server, "plan", "--check", file)
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_the_command_says_what_a_plan_takes_and_what_is_none(server, tmp_path):
    file = tmp_path / "plan.json"
    run(server, "plan", "s3://bucket/keys/", str(file), "--objects", "100")
    prices = tmp_path / "prices.json"
    prices.write_text('{"list_1000": 5, "get_1000": 1}')
    seen = run(server, "plan", "--preview", "--prices", str(prices), "--json", str(file))
    preview = json.loads(seen.stdout)["preview"]
    assert (preview["requests_to_list"], preview["requests_to_read"]) == (10, 300)
    assert preview["cost"] == 0.35
    file.write_bytes(file.read_bytes()[:-10])
    cut = run(server, "plan", "--check", str(file))
    assert cut.returncode == 1 and b"plan.json: this is no plan" in cut.stderr
    nowhere = run(server, "plan", str(file))
    assert nowhere.returncode == 2 and b"name what to plan" in nowhere.stderr
    wrong = run(server, "plan", "s3://bucket", str(file), "--limit", "much")
    assert wrong.returncode == 2 and b"such as 2M or 250G" in wrong.stderr


def test_keys_on_the_page_are_inert():
    class OfOddKeys(Plan):
        def __init__(self):
            self.bucket, self.revision, self.lanes = "<b>", 1, 1
            self.limits = {"bytes": 1, "objects": 1}
            self.shards = (Shard(1, end_at="<i>\u202e\x1b"), Shard(2, "<i>\u202e\x1b"))

    drawn = page(OfOddKeys())
    assert "&lt;b&gt;" in drawn and "&lt;i&gt;\\u{202e}\\u{1b}" in drawn
    assert "<b>&" not in drawn and "\u202e" not in drawn and "\x1b" not in drawn
