"""Options are read as Bareos documents them, and what cannot work is said at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness import HERE, Host
from jobs import Jobs


@pytest.fixture(scope="module")
def options() -> Any:
    from s3stream.bareos import options

    return options


def faults(options: Any, given: Dict[str, str], definition: str = "") -> str:
    with pytest.raises(options.OptionError) as caught:
        options.Options.parse(given, definition)
    return "\n".join(caught.value.lines)


def test_no_option_is_a_beginning_of_a_reserved_name(options: Any) -> None:
    for option in options.OPTIONS:
        for reserved in ("module_path", "module_name"):
            assert not reserved.startswith(option.name.lower()), option.name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("memory_limit", "256M", "256M"),
        ("min_size", "1KiB", 1024),
        ("max_size", "0", 0),
        ("modified_after", "2026-01-31", ("at", 1769817600)),
        ("modified_after", "2026-01-31T01:00:00+01:00", ("at", 1769817600)),
        ("modified_before", "2026-01-31T00:00:00Z", ("at", 1769817600)),
        ("modified_before", "30d", ("ago", 2592000)),
        ("since_margin", "5m", 300),
        ("verify", "no", "no"),
        ("anonymous", "Yes", "Yes"),
        ("storage_classes", "STANDARD, GLACIER", ["STANDARD", "GLACIER"]),
        ("concurrency", "64", 64),
        ("stall_timeout", "2.5", "2.5"),
        ("prefix", " kept as it comes", " kept as it comes"),
    ],
)
def test_values_are_read(options: Any, name: str, text: str, value: Any) -> None:
    assert getattr(options.Options.parse({name: text}), name) == value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bukets": "a"}, "no option 'bukets': did you mean 'buckets'?"),
        ({"qqq": "a"}, "no option 'qqq'; BAREOS.md has the list"),
        ({"memory_limit": "lots"}, "memory_limit=lots: 'lots' is no number of bytes"),
        ({"modified_after": "yesterday"}, "modified_after=yesterday: is no time"),
        ({"modified_after": "2026-02-30"}, "is no time"),
        ({"since_margin": "5"}, "is no span of time"),
        ({"concurrency": "0"}, "from 1 to 256"),
        ({"integrity": "some"}, "integrity=some: "),
        ({"require_proof": "maybe"}, "yes, warn, no"),
        ({"read_twice": "once"}, "is not true or false"),
        ({"on_error": "ignore"}, "is not one of warn, fail"),
        ({"verify": "maybe"}, "is not true or false"),
        ({"stall_timeout": "nan"}, "is not between 0 and"),
        ({"stall_timeout": "0"}, "stall_timeout=0: must be above 0 seconds"),
        ({"use_fips_endpoint": "perhaps"}, "is not true or false"),
        ({"proxy": "socks5://p"}, "is a SOCKS proxy"),
        ({"user_agent": "x"}, "no option 'user_agent'"),
        ({"include": "a,,b"}, "an item of the list is empty"),
        ({"include": "~("}, "is no regular expression"),
        ({"min_size": "2M", "max_size": "1M"}, "min_size is greater than max_size"),
        ({"start_after": "b", "end_at": "a"}, "start_after is not before end_at"),
        ({"access_key_id": "a"}, "come together or not at all"),
        ({"session_token": "t0ken"}, "session_token needs"),
    ],
)
def test_what_cannot_work_is_said(options: Any, given: Dict[str, str], said: str) -> None:
    assert said in faults(options, given)


def test_all_faults_are_said_together(options: Any) -> None:
    said = faults(options, {"bukets": "a", "verify": "x", "concurrency": "-1"})
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize(
    "definition",
    [
        "secret_access_key=hunter2:",
        "a=b: secret_access_key = hunter2",
        "session_token#enc=abc:",
        "proxy=http\\://user\\:hunter2@proxy\\:3128:",
    ],
)
def test_a_secret_in_the_file_set_is_refused_and_not_shown(options: Any, definition: str) -> None:
    said = faults(options, {}, definition)
    assert "must not stand in the FileSet" in said and "hunter2" not in said


def test_a_definition_is_read_in_the_way_of_bareos(tmp_path: Path) -> None:
    from s3stream.bareos.definition import Definition

    (tmp_path / "defaults").write_text(
        "# a comment\n; another\n[section]\n\nprefix = from defaults\nregion=r\\\n1\n"
        "session_token#enc=bZ={AZZR@5\nregion=r2\n"
    )
    (tmp_path / "overrides").write_text("include=from=overrides\n")
    definition = Definition(str(tmp_path))
    definition.add("exclude=first:exclude=second:")
    definition.add(
        " prefix = from the set :endpoint_url=http\\://h\\:1:x=a\\:b\\:c:exclude=late:"
        "include=i:defaults_file=defaults:overrides_file=overrides:"
    )
    assert definition.options == {
        "exclude": "first",
        "prefix": "from the set",
        "endpoint_url": "http://h:1",
        "x": "a:b:c",
        "include": "from=overrides",
        "region": "r2",
        "session_token": "token123",
        "defaults_file": "defaults",
        "overrides_file": "overrides",
    }
    definition.check()
    assert any("has 'region' twice" in line for line in definition.warnings)


@pytest.mark.parametrize("text", ["buckets=:", "prefix=a:buckets= :", "a=b:buckets:", "region=:"])
def test_an_option_without_a_value_is_a_fault(tmp_path: Path, text: str) -> None:
    from s3stream.bareos.definition import Definition

    definition = Definition(str(tmp_path))
    definition.add(text)
    assert ["has no value" in line for line in definition.faults] == [True]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("prefix=a b ", "a b "),
        ("prefix= a", " a"),
        ("prefix = a ", "a "),
        ("  prefix=a\t", "a\t"),
        ("prefix=a\r", "a"),
        ("prefix=a\x85b\x0cc\u2028", "a\x85b\x0cc\u2028"),
        ("prefix=a\\\n b", "a b"),
    ],
)
def test_a_value_in_an_option_file_is_taken_as_it_stands(
    options: Any, tmp_path: Path, line: str, value: str
) -> None:
    from s3stream.bareos.definition import Definition

    with open(tmp_path / "defaults", "w", encoding="utf-8", newline="") as file:
        file.write(f"{line}\nregion= r \n")
    definition = Definition(str(tmp_path))
    definition.add("defaults_file=defaults:")
    read = options.Options.parse(definition.options)
    assert (read.prefix, read.region) == (value, "r")
    said = [text for text in definition.warnings if "a blank" in text]
    assert len(said) == (value != value.strip())


LINE, RUN, OTHER = "buckets=a:defaults_file=x:", "prefix=b/:", "buckets=b:defaults_file=x:"


@pytest.mark.parametrize(
    ("heard", "run", "is_second"),
    [
        ("L", [], False),
        # Behind the FileSet, as the director sends them for a backup; or in front of it.
        ("L|R", [RUN], False),
        ("RL|", [RUN], False),
        ("R|L", [RUN], False),
        ("LR|", [RUN], False),
        ("L|O", [OTHER], False),
        ("LO|", [], True),
        ("LO|R", [RUN], True),
        ("LRO|", [RUN], True),
        ("RLO|", [RUN], True),
    ],
)
def test_options_of_a_run_are_told_from_a_second_line(
    heard: str, run: List[str], is_second: bool
) -> None:
    from s3stream.bareos.definition import LATER, WITH_FILE_SET, of_run

    texts = {"L": LINE, "R": RUN, "O": OTHER}
    before, _, after = heard.partition("|")
    calls = [(texts[c], WITH_FILE_SET) for c in before] + [(texts[c], LATER) for c in after]
    assert of_run(calls, LINE) == (run, is_second)


def test_options_of_a_run_win_over_every_file(tmp_path: Path) -> None:
    from s3stream.bareos.definition import Definition

    (tmp_path / "defaults").write_text("region=defaults\nprefix=defaults\nend_at=defaults\n")
    (tmp_path / "overrides").write_text("region=overrides\nprefix=overrides\n")
    (tmp_path / "others").write_text("end_at=others\nexclude=others\ninclude=others\n")
    definition = Definition(str(tmp_path))
    line = "overrides_file=overrides:defaults_file=defaults:region=line:exclude=line:"
    definition.add(line, "region=run:defaults_file=others:")
    found = {name: definition.options[name] for name in ("region", "prefix", "end_at", "exclude")}
    assert found == {"region": "run", "prefix": "overrides", "end_at": "others", "exclude": "line"}
    assert definition.options["include"] == "others"


def test_a_broken_option_file_is_named_but_not_shown(tmp_path: Path) -> None:
    from s3stream.bareos.definition import Definition

    (tmp_path / "broken").write_text("region=r\nsecret_access_key: hunter2\n")
    definition = Definition(str(tmp_path))
    definition.add("defaults_file=broken:overrides_file=absent:")
    assert len(definition.faults) == 2
    assert "line 2 is not NAME=VALUE" in " ".join(definition.faults)
    assert "cannot be read: No such file" in " ".join(definition.faults)
    assert "hunter2" not in " ".join(definition.faults)


def test_a_secret_that_everybody_can_read_is_warned_of(tmp_path: Path) -> None:
    from s3stream.bareos.definition import Definition

    (tmp_path / "keys").write_text("secret_access_key=x\n")
    for mode, warned in ((0o604, True), (0o640, False)):
        (tmp_path / "keys").chmod(mode)
        definition = Definition(str(tmp_path))
        definition.add("defaults_file=keys:")
        assert any("chmod o=" in line for line in definition.warnings) is warned


def test_what_other_programs_would_read_otherwise_is_said(tmp_path: Path) -> None:
    from s3stream.bareos.definition import Definition

    (tmp_path / "keys").write_text(
        "region='eu-1'\nsecret_access_key=\"s3cr3t\" # mine\naccess_key_id=A#K\n"
    )
    (tmp_path / "keys").chmod(0o600)
    definition = Definition(str(tmp_path))
    definition.add("defaults_file=keys:")
    quoted, commented = definition.warnings
    assert "the value of 'region' is in quotes" in quoted
    assert "the value of 'secret_access_key' has a # in it" in commented
    assert "s3cr3t" not in quoted + commented
    definition.add("endpoint_url=http://host:9000:")
    assert definition.faults == ["a colon within a value is written '\\:', as in https\\://HOST"]


def test_messages_hide_what_is_secret_and_stay_on_their_line(tmp_path: Path) -> None:
    from s3stream.bareos.definition import Definition
    from s3stream.bareos.messages import Messages

    class Bareosfd:
        M_INFO = 6
        lines: List[str] = []

        def JobMessage(self, kind: int, text: str) -> None:  # noqa: N802
            self.lines.append(text)

    (tmp_path / "keys").write_text(
        "access_key_id=AKIAIOSFODNN7EXAMPLE\nsecret_access_key=s3cr3t\n"
        "proxy=http://user:p4ss@proxy:3128\n"
    )
    definition = Definition(str(tmp_path))
    definition.add("defaults_file=keys:")
    messages = Messages(Bareosfd())
    messages.hide(definition.secrets())
    messages.info("s3cr3t of AKIAIOSFODNN7EXAMPLE by p4ss\n\x1b[31m a\udcffb é")
    assert Bareosfd.lines == ["s3stream: *** of *** by ***\\n\\x1b[31m a\\udcffb é\n"]


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("logs", "logs", True),
        ("logs", "logs2", False),
        ("logs/*", "logs/2026/1.gz", True),
        ("*.gz", "a\nb.gz", True),
        ("?", "é", True),
        ("[ab]c", "bc", True),
        ("~a+", "aaa", True),
        ("~a+", "aaab", False),
        ("~.*", "line\nbreak", True),
        ("a\\,b", "a,b", True),
    ],
)
def test_patterns_match_whole_names(pattern: str, name: str, matches: bool) -> None:
    from s3stream.bareos.patterns import Patterns

    patterns = Patterns.parse(pattern)
    assert patterns.match(name) is matches
    assert patterns.unmatched() == ([] if matches else [patterns.items[0].text])


GLOBS = ["*", "?", "a*", "*.gz", "[a-c]?", "[!a-c]*", "[]x]*", "[!]]", "[a", "a[", "[-a]", "[a-]", "[z-a]",
         "[!z-a]", "[\\\\]*", "a.b+(c)|^$", "~", "[^a]", "[&&~~]", "*a*b*", "{a,b}", "# x", "é?", "[]", "[!]"]  # fmt: skip
NAMES = ["", "a", "b", "x", "]", "-", "^", "!", "\\", "~", "&", "a.gz", "xgz", "a\nb", "axb", "a.b+(c)|^$",
         "[a", "a[", "[]", "[!]", "{a,b}", "# x", "éa", "zz", "ba"]  # fmt: skip


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_is_what_it_is_to_python(glob: str) -> None:
    import fnmatch

    from s3stream.bareos.patterns import Pattern

    if any(character in glob for character in "*?["):
        found = [name for name in NAMES if Pattern(glob).matches(name)]
        assert found == [name for name in NAMES if fnmatch.fnmatchcase(name, glob)]


@pytest.mark.parametrize(
    "pattern",
    ["~(a+)+b", "~(a|a)*b", "~(a*)*b", "~(.*a){20}b", "~(?i)(A+)+b", "*a*a*a*a*a*a*a*a*a*a*a*b"],
)
def test_no_key_of_a_stranger_holds_the_daemon_up(pattern: str) -> None:
    import time

    from s3stream.bareos.patterns import Pattern

    begun = time.process_time()
    compiled = Pattern(pattern)
    assert not compiled.matches("a" * 1023 + "c")
    assert not compiled.matches("a" * 27)
    # Python's own takes seconds for the second, and more than a lifetime for the first.
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("expression", "name", "matches"),
    [
        ("a|ab", "ab", True),
        ("^a$", "a", True),
        ("a$", "a\n", False),
        (r"\d+", "٣", True),
        (r"[\w-]+", "é-1", True),
        ("(?P<x>a)b", "ab", True),
        ("(?i)ab", "AB", True),
        ("a{2,3}", "aaaa", False),
        (".", "\n", True),
    ],
)
def test_an_expression_means_what_it_does_to_python(
    expression: str, name: str, matches: bool
) -> None:
    import re

    from s3stream.bareos.patterns import Pattern

    assert bool(re.compile(expression, re.DOTALL).fullmatch(name)) is matches
    assert Pattern(f"~{expression}").matches(name) is matches


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)b", "(?<!a)b", "a)|(b", "(a{999}){999}", "("])
def test_what_takes_more_than_linear_time_is_refused_in_one_line(pattern: str) -> None:
    from s3stream.bareos.patterns import Pattern

    with pytest.raises(ValueError, match="is no regular expression: .") as caught:
        Pattern(f"~{pattern}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"buckets": "absent"}, "bucket 'absent' does not exist"),
        ({"buckets": "absent-*"}, "buckets: 'absent-*' matches none"),
        ({"bukets": "a"}, "did you mean 'buckets'?"),
        ({"secret_access_key": "hunter2"}, "must not stand in the FileSet"),
        ({"endpoint_url": "ftp://h"}, "endpoint_url"),
        ({"defaults_file": None}, "there are no credentials: put access_key_id="),
        ({"buckets": "a", "buckets_exclude": "*"}, ""),
    ],
)
def test_a_wrong_option_fails_the_job_before_its_first_file(
    host: Host, jobs: Jobs, tmp_path: Path, options: Dict[str, str], said: str
) -> None:
    for kind in ("backup", "estimate"):
        (result,) = host.run(jobs.job(kind, options=options, volume=tmp_path))
        assert result.status == "Error" and result.files == 0
        assert result.says(said, "FATAL"), result.everything()
        assert "hunter2" not in "".join(result.texts("FATAL")[:-1])


def test_a_bucket_that_is_nearly_right_is_named(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    (result,) = host.run(jobs.job(options={"buckets": bucket[:-1] + "x"}, volume=tmp_path))
    assert result.status == "Error" and result.says("did you mean", "FATAL")


def test_a_second_line_of_the_plugin_is_refused(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    lines = [jobs.definition(buckets=bucket), jobs.definition(buckets="other")]
    job = jobs.job(volume=tmp_path)
    job["definition"] = lines
    (result,) = host.run(job)
    assert result.status == "Error"
    assert result.says("more than one line of this plugin", "FATAL")


@pytest.mark.parametrize("first", ["yes", "no"])
@pytest.mark.parametrize("kind", ["backup", "estimate"])
def test_options_of_a_run_win_wherever_the_daemon_puts_them(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path, first: str, kind: str
) -> None:
    for key in ("a/1", "b/1", "b/2"):
        jobs.server.put(bucket, key, b"1")
    job = jobs.job(kind, options={"buckets": bucket, "prefix": "a/"}, volume=tmp_path)
    (result,) = host.run({**job, "override": "prefix=b/:", "override_first": first})
    assert (result.status, result.saved) == ("OK", 2), result.everything()


def test_a_restore_takes_options_of_a_run(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path
) -> None:
    jobs.server.put(bucket, "a", b"1")
    restore = jobs.restore(tmp_path / "volume", tmp_path / "where", override="prefix=b/:")
    volume = jobs.backup(tmp_path / "volume", buckets=bucket)
    (tmp_path / "volume").mkdir()
    assert [result.status for result in host.run(volume, restore)] == ["OK", "OK"]


@pytest.mark.parametrize("when", ["first", "later"])
def test_a_second_line_is_refused_whatever_it_says(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path, when: str
) -> None:
    jobs.server.put(bucket, "a", b"1")
    other = "prefix=b/:" if when == "later" else jobs.definition(buckets=bucket, prefix="b/")
    job = jobs.job(volume=tmp_path, definition=[jobs.definition(buckets=bucket), other])
    (result,) = host.run(job)
    assert result.status == "Error"
    assert result.says("more than one line of this plugin", "FATAL"), result.everything()


@pytest.mark.parametrize("option", ["buckets", "prefix", "include", "since_margin"])
def test_an_empty_option_fails_the_job_and_backs_nothing_up(
    host: Host, jobs: Jobs, bucket: str, tmp_path: Path, option: str
) -> None:
    jobs.server.put(bucket, "a", b"1")
    options = {"buckets": bucket, option: ""}
    (result,) = host.run(jobs.job(options=options, volume=tmp_path))
    assert (result.status, result.saved) == ("Error", 0)
    assert result.says(f"option '{option}' has no value", "FATAL"), result.everything()


def test_every_option_is_documented_with_its_default(options: Any) -> None:
    text = (HERE.parent.parent / "s3stream-py" / "BAREOS.md").read_text(encoding="utf-8")
    for option in options.OPTIONS:
        row = re.search(rf"^\| `{option.name}` \| (.*?) ?\|", text, re.MULTILINE)
        assert row, option.name
        value = re.fullmatch("`(.*)`", row[1])
        if option in options.CLIENT:
            # The core's: its own table is what they are written from.
            continue
        if value:
            assert option.read(value[1]) == option.default, option.name
        else:
            assert not option.default, option.name
