"""The options of the plugin: one table by which they are read and checked."""

from __future__ import annotations

import re

from s3stream import _native
from s3stream.bareos.patterns import Patterns, split
from s3stream.bareos.values import moment, one_of, size, span, switch, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple


class OptionError(ValueError):
    """Something in the FileSet that cannot work; one line of text each in `lines`."""

    def __init__(self, lines: List[str]) -> None:
        """`lines` are told one by one."""
        super().__init__("; ".join(lines))
        self.lines = lines


class Option:
    """One option; what it does stands in BAREOS.md."""

    __slots__ = ("name", "read", "default")

    def __init__(self, name: str, read: Callable[[str], Any], default: Any) -> None:
        """How its text is read, and what it is when absent."""
        self.name = name
        self.read = read
        self.default = default


#: Settings of the core that a FileSet has no business with.
WITHHELD = (
    "idle_timeout",
    "retry_base_delay",
    "window",
    "own_digest",
    "user_agent",
    "sse_customer_key",
)


def _checked(name: str) -> Callable[[str], str]:
    """A reader that leaves a text as it is, if the core takes it for this setting."""

    def read(text: str) -> str:
        fault = _native.client_setting_fault(name, text)
        if fault is not None:
            raise ValueError(fault)
        return text

    return read


#: Options that say how to reach the server: the core's settings, which get their texts unparsed.
CLIENT: Tuple[Option, ...] = tuple(
    Option(name, _checked(name), None)
    for name, _default, _help in _native.client_settings()
    if name not in WITHHELD
)

#: Options that say what to back up.
CHOICE: Tuple[Option, ...] = (
    Option("buckets", Patterns.parse, Patterns()),
    Option("buckets_exclude", Patterns.parse, Patterns()),
    Option("prefix", str, ""),
    Option("include", Patterns.parse, Patterns()),
    Option("exclude", Patterns.parse, Patterns()),
    Option("min_size", size, None),
    Option("max_size", size, None),
    Option("modified_after", moment, None),
    Option("modified_before", moment, None),
    Option("storage_classes", split, []),
    Option("storage_classes_exclude", split, []),
    Option("start_after", str, None),
    Option("end_at", str, None),
)

#: Options that say how to go about it.
CONDUCT: Tuple[Option, ...] = (
    Option("concurrency", whole(1, 256), 16),
    Option("on_error", one_of("warn", "fail"), "warn"),
    Option("on_vanished", one_of("warn", "ignore"), "warn"),
    Option("since_margin", span, None),
    Option("records", str, None),
)

OPTIONS: Tuple[Option, ...] = CLIENT + CHOICE + CONDUCT

#: Options by which a bucket's objects are selected; what they said is remembered.
SELECTING = tuple(option.name for option in CHOICE if not option.name.startswith("buckets"))

#: Options of which every character counts: parts of keys. Of others, blanks around them do not.
EXACT = ("prefix", "start_after", "end_at")

#: The same with every odd character as `%XX`, for keys that no configuration file can hold.
ENCODED = "_encoded"

#: Options that Bareos itself understands.
OF_BAREOS = ("defaults_file", "overrides_file", "module_path", "module_name")

#: Options that must not stand in the FileSet: it is stored on every volume.
SECRETS = ("secret_access_key", "session_token")


class Options:
    """What the FileSet asks for, read and checked."""

    endpoint_url: Optional[str]
    access_key_id: Optional[str]
    secret_access_key: Optional[str]
    session_token: Optional[str]
    verify: Optional[str]
    require_proof: Optional[str]
    buckets: Patterns
    buckets_exclude: Patterns
    prefix: str
    include: Patterns
    exclude: Patterns
    min_size: Optional[int]
    max_size: Optional[int]
    modified_after: Optional[Tuple[str, int]]
    modified_before: Optional[Tuple[str, int]]
    storage_classes: List[str]
    storage_classes_exclude: List[str]
    start_after: Optional[str]
    end_at: Optional[str]
    concurrency: int
    on_error: str
    on_vanished: str
    since_margin: Optional[int]
    records: Optional[str]

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Values that were read; what is absent has its default."""
        for option in OPTIONS:
            setattr(self, option.name, values.get(option.name, option.default))
        self._given: Mapping[str, str] = {}

    @classmethod
    def parse(cls, given: Mapping[str, str], definition: str = "") -> Options:
        """Reads all options; `definition` is the plugin's line as the director sent it.

        Raises OptionError with every fault that can be seen without asking the server.
        """
        faults = [f"{name} {SECRET_ADVICE}" for name in secrets_in(definition)]
        values: Dict[str, Any] = {}
        known = {option.name: option for option in OPTIONS}
        for name, text in given.items():
            if name in OF_BAREOS:
                continue
            if name.endswith(ENCODED) and name[: -len(ENCODED)] in EXACT:
                faults.extend(_decoded(name, text, given, values))
                continue
            if name not in known:
                faults.append(f"there is no option '{name}'{suggestion(name, list(known))}")
                continue
            try:
                values[name] = known[name].read(text if name in EXACT else text.strip())
            except ValueError as error:
                faults.append(f"{name}={shown(name, text)}: {error}")
        options = cls(values)
        options._given = given
        faults.extend(options._contradictions())
        if faults:
            raise OptionError(faults)
        return options

    def client(self) -> Dict[str, Any]:
        """The arguments of `s3stream.Client`."""
        return {option.name: getattr(self, option.name) for option in CLIENT}

    @property
    def patience(self) -> float:
        """Seconds that the client waits for a server that answers nothing: `retry_for`."""
        said = self.client()["retry_for"]
        if said is None:
            said = next(row[1] for row in _native.client_settings() if row[0] == "retry_for")
        return float(said)

    def texts(self, names: Iterable[str]) -> Dict[str, str]:
        """Those of these options that were given, as they were written."""
        texts = {name: self._given[name] for name in names if name in self._given}
        # However a key was written, it is the same selection.
        encoded = [name for name in names if name + ENCODED in self._given]
        return {**texts, **{name: getattr(self, name) for name in encoded}}

    def is_in_range(self, key: str) -> bool:
        """Whether a listing with these options has this key in it, if there is such an object."""
        if not key.startswith(self.prefix):
            return False
        # S3's order is that of bytes.
        if self.start_after is not None and key.encode() <= self.start_after.encode():
            return False
        return self.end_at is None or key.encode() <= self.end_at.encode()

    def range(self) -> str:
        """The part of a bucket that is listed, for a message; empty for all of it."""
        said = f" with keys that begin with '{self.prefix}'" if self.prefix else ""
        if self.start_after is not None:
            said += f" behind '{self.start_after}'"
        if self.end_at is not None:
            said += f" up to '{self.end_at}'"
        return said

    @property
    def is_unverified(self) -> bool:
        """Whether anybody's certificate is taken."""
        return self.verify is not None and not switch(self.verify)

    @property
    def warns_of_unproven(self) -> bool:
        """Whether a job says how many objects no checksum proves."""
        return self.require_proof in (None, "warn")

    @property
    def is_shard(self) -> bool:
        """Whether other jobs may have the rest of the bucket."""
        return self.start_after is not None or self.end_at is not None

    def _contradictions(self) -> List[str]:
        faults = []
        if (self.access_key_id is None) != (self.secret_access_key is None):
            faults.append("access_key_id and secret_access_key come together or not at all")
        if self.session_token and not self.secret_access_key:
            faults.append("session_token needs access_key_id and secret_access_key")
        if self.min_size is not None and self.max_size is not None:
            if self.min_size > self.max_size:
                faults.append("min_size is greater than max_size: nothing can match")
        if self.start_after is not None and self.end_at is not None:
            if self.start_after.encode() >= self.end_at.encode():
                faults.append("start_after is not before end_at: nothing can lie between")
        return faults


def _decoded(
    name: str, text: str, given: Mapping[str, str], values: Dict[str, Any]
) -> Iterator[str]:
    """Puts the value of an encoded option among the others; what is wrong with it."""
    plain = name[: -len(ENCODED)]
    if plain in given:
        yield f"{name} and {plain} are one option: give one of them"
        return
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        yield f"{name}={text}: a % is followed by two hexadecimal digits"
        return
    # Only here: it is rarely needed, and every job imports everything anew.
    from urllib.parse import unquote_to_bytes

    try:
        values[plain] = unquote_to_bytes(text.strip()).decode()
    except UnicodeDecodeError:
        yield f"{name}={text}: that is no UTF-8"


SECRET_ADVICE = (
    "must not stand in the FileSet or a job's plugin options, which are stored on every volume: "
    "put it into a file on this host that only the file daemon can read, and name that by "
    "defaults_file=PATH"
)


def secrets_in(definition: str) -> List[str]:
    """The secret options that a plugin definition holds in clear (`#enc` hides nothing)."""
    found = [
        name
        for name in SECRETS
        if name in definition
        and re.search(rf"(?:^|:)\s*{name}\s*(?:#enc\s*)?=\s*[^\s:]", definition)
    ]
    if passwords(definition.replace("\\:", ":")):
        found.append("a URL with a password")
    return found


def passwords(text: str) -> List[str]:
    """The passwords of all URLs in a text."""
    return re.findall(r"//[^/@:\s]*:([^/@\s]+)@", text) if "@" in text else []


def shown(name: str, text: str) -> str:
    """The value of an option as a message may show it."""
    return "***" if name in SECRETS else text


def suggestion(name: str, known: List[str]) -> str:
    """What a misspelt name was probably meant to be."""
    # Only here: it is rarely needed, and every job imports everything anew.
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f": did you mean '{close[0]}'?" if close else "; BAREOS.md has the list"
