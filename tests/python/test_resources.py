"""A plan as resources of a Bareos director: whole, checked, and with keys that arrive."""

import os

import pytest
from s3stream.bareos.definition import Definition
from s3stream.bareos.options import OptionError, Options
from s3stream.bareos.resources import Lane, Settings, check, emit, recipe
from s3stream.bareos.trial import options_of
from s3stream.plan import Plan
from test_command import run

SETTINGS = Settings(lanes=[Lane("one-fd", "192.0.2.1"), Lane("two-fd")])


@pytest.fixture
def plan(client):
    return client.plan("bucket", "keys/", limit_objects=100, lanes=2).plan


@pytest.fixture
def emitted(plan, tmp_path):
    emit(plan, SETTINGS, str(tmp_path / "shards"))
    return tmp_path / "shards"


def line_of(fileset):
    """The plugin's line as the daemon gets it: the strings of the file, one behind the other."""
    strings = fileset.split("Plugin = ")[1].split("}")[0]
    return "".join(part for part in strings.split('"')[1::2])


def test_each_shard_is_a_job_with_a_fileset_of_its_own(plan, emitted):
    jobs = sorted(path.name for path in (emitted / "job").iterdir())
    assert jobs == [f"s3-bucket-{shard.id:04}.conf" for shard in plan.shards]
    assert sorted(path.name for path in (emitted / "fileset").iterdir()) == jobs
    assert sorted(path.name for path in (emitted / "client").iterdir()) == ["one-fd.conf"]
    assert check(str(emitted), plan) == []
    for shard in plan.shards:
        line = line_of((emitted / "fileset" / f"s3-bucket-{shard.id:04}.conf").read_text())
        definition = Definition("/")
        definition.add(line.partition(":")[2].replace(":defaults_file=/etc/bareos/s3-backup.conf", ""))
        options = Options.parse(definition.options)
        assert (options.prefix, options.start_after, options.end_at) == (
            "keys/",
            shard.start_after,
            shard.end_at,
        )


def test_what_is_edited_by_hand_is_checked(plan, emitted):
    def edited(name, before, after):
        path = emitted / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))
        problems = check(str(emitted), plan)
        path.write_text(text)
        return problems

    end = plan.shards[1].end_at
    moved = edited("fileset/s3-bucket-0002.conf", f"end_at={end}", f"end_at={end}5")
    assert moved == ["shards 0002 and 0003 back up the same keys"]
    gap = edited("fileset/s3-bucket-0002.conf", f":end_at={end}", f":end_at={end[:-1]}")
    assert [line for line in gap if line.startswith("no shard backs up the keys behind")]
    assert edited("job/s3-bucket-0002.conf", "Accurate = yes", "accurate = no") == [
        "job 's3-bucket-0002' is not accurate: a key that moves between shards could be lost"
    ]
    shared = edited("job/s3-bucket-0002.conf", 'FileSet = "s3-bucket-0002"', 'File Set=s3-bucket-0001')
    assert "share the FileSet 's3-bucket-0001'" in shared[0]
    off = edited("job/s3-bucket-0005.conf", "Job {", "Job {\n  Enabled = no")
    assert off == [f'no shard backs up the keys behind "{plan.shards[4].start_after}"']


def test_a_declared_overlap_is_fine_and_another_is_not(client, plan, emitted):
    split = client.plan("bucket", "keys/", previous=plan, limit_objects=50).plan
    emit(split, SETTINGS, str(emitted))
    assert check(str(emitted), split) == []
    assert check(str(emitted), None) == ["shards 0001 and 0006 back up the same keys"]


def test_a_job_that_has_ended_stays_disabled(plan, emitted):
    text = str(plan)
    import json

    fields = json.loads(text)
    gone = fields["shards"].pop()
    del fields["shards"][-1]["end_at"]
    fields["retired"] = [gone["id"]]
    del fields["sha256"]
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    import hashlib

    fields["sha256"] = hashlib.sha256(plain.encode()).hexdigest()
    ended = Plan(json.dumps(fields))
    emit(ended, SETTINGS, str(emitted))
    emit(ended, SETTINGS, str(emitted))
    job = (emitted / "job" / f"s3-bucket-{gone['id']:04}.conf").read_text()
    assert job.count("Enabled = no") == 1
    assert check(str(emitted), ended) == []


@pytest.mark.parametrize(
    "key",
    ["plain/key", "a:b", "a\\", 'a"b', "a b ", " a", "a\nb", "\x01", "ü", "a\\:b", "%41", "a'b", "a;b#"],
)
def test_every_key_arrives_at_the_plugin(key):
    from s3stream.bareos.resources import _option, _quoted

    # As it stands in the file, between quotes; what the director makes of it; what the plugin does.
    written = _quoted(f":buckets=b:{_option('end_at', key)}")
    assert "\n" not in written
    read = written.replace('\\"', '"').replace("\\\\", "\\")
    definition = Definition("/")
    definition.add(read)
    assert Options.parse(definition.options).end_at == key
    assert options_of(f"python3:buckets=b:{_option('end_at', key)}", "/", print).end_at == key


def test_an_encoded_option_is_checked():
    for text, why in (
        ("%4", "two hexadecimal digits"),
        ("%zz", "two hexadecimal digits"),
        ("%ff", "no UTF-8"),
    ):
        with pytest.raises(OptionError, match=why):
            Options.parse({"end_at_encoded": text})
    with pytest.raises(OptionError, match="are one option"):
        Options.parse({"end_at_encoded": "a", "end_at": "a"})
    with pytest.raises(OptionError, match="there is no option"):
        Options.parse({"buckets_encoded": "a"})
    assert Options.parse({"prefix_encoded": "a%20"}).texts(["prefix"]) == {"prefix": "a "}


def test_a_directory_is_replaced_whole_or_not_at_all(plan, emitted, monkeypatch):
    before = sorted(str(path) for path in emitted.rglob("*"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError):
        emit(plan, SETTINGS, str(emitted))
    assert sorted(str(path) for path in emitted.rglob("*")) == before
    with pytest.raises(ValueError, match="has 2 lanes, and 1 are named"):
        emit(plan, Settings(lanes=[Lane("one-fd")]), str(emitted))


def test_the_recipe_restores_each_shard_within_its_range(plan):
    commands = [line for line in recipe(plan, SETTINGS).splitlines() if line.startswith("restore ")]
    assert len(commands) == len(plan.shards)
    assert all('where="WHERE"' in line for line in commands)
    assert f"start_after={plan.shards[2].start_after}:end_at={plan.shards[2].end_at}" in commands[2]


def test_fulls_are_spread_over_the_month():
    from s3stream.bareos.resources import _day
    from s3stream.plan import Shard

    days = [_day(Shard(id)) for id in range(1, 281)]
    assert min(days) == 1 and max(days) == 28
    assert all(8 <= days.count(day) <= 12 for day in range(1, 29))


def test_the_command_emits_and_checks(server, tmp_path):
    file, there = str(tmp_path / "plan.json"), str(tmp_path / "shards")
    lanes = ["--lane", "one-fd=192.0.2.1"]
    made = run(
        server, "plan", "s3://bucket/keys/", file, "--objects", "100", "--emit", there, *lanes
    )
    assert made.returncode == 0, made.stderr
    assert b"restore.txt" in made.stdout
    checked = run(server, "plan", "--check", file, "--emit", there)
    assert (checked.returncode, checked.stderr) == (0, b"")
    os.unlink(os.path.join(there, "job", "s3-bucket-0003.conf"))
    broken = run(server, "plan", "--check", file, "--emit", there)
    assert broken.returncode == 1 and b"no shard backs up the keys behind" in broken.stderr

