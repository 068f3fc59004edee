"""The native module: functions over handles. The classes over it are the package's face.

Times are microseconds since 1970. Handles are capsules, freed when nobody has them any more.
Everything that waits does so without the GIL.
"""

from typing import Any, Callable, Dict, List, NewType, Optional, Tuple

__all__ = [
    "client_acl",
    "client_caller",
    "client_cancel",
    "client_close",
    "client_head",
    "client_list_buckets",
    "client_new",
    "client_set_credentials",
    "client_setting_fault",
    "client_settings",
    "client_stats",
    "client_tags",
    "client_wants_credentials",
    "error_kinds",
    "file_name",
    "key_of",
    "list_cancel",
    "list_close",
    "list_new",
    "list_next",
    "list_summary",
    "names_file_name",
    "names_new",
    "pattern_matches",
    "pattern_new",
    "plan_advance",
    "plan_cancel",
    "plan_checked",
    "plan_finish",
    "plan_flaws",
    "plan_new",
    "reader_cancel",
    "reader_close",
    "reader_finish",
    "reader_is_newer_than_listed",
    "reader_object",
    "reader_open",
    "reader_open_pipe",
    "reader_read",
    "reader_read_into",
    "reader_seek",
    "reader_tell",
    "reader_verdict",
    "report_add",
    "report_foot",
    "report_from_manifest",
    "report_head",
    "report_html",
    "report_new",
    "report_summary",
    "shown",
    "stream_cancel",
    "stream_close",
    "stream_has_room",
    "stream_new",
    "stream_next",
    "stream_push",
    "stream_push_unreadable",
    "version",
    "version_file_name",
    "version_of",
    "while_waiting",
]

_Client = NewType("_Client", object)
_List = NewType("_List", object)
_Reader = NewType("_Reader", object)
_Stream = NewType("_Stream", object)
_Names = NewType("_Names", object)
_Pattern = NewType("_Pattern", object)
_Plan = NewType("_Plan", object)
_Report = NewType("_Report", object)

_Pairs = List[Tuple[str, str]]
_Fields = List[Tuple[str, bytes]]
_Details = Tuple[
    Optional[int],
    Optional[str],
    Optional[str],
    Optional[str],
    Optional[str],
    Optional[int],
    Optional[str],
    Optional[int],
    Optional[str],
    Optional[str],
    List[str],
]
_Object = Tuple[
    str,
    int,
    Optional[str],
    Optional[int],
    Optional[str],
    Optional[str],
    bool,
    bool,
    Optional[Tuple[_Fields, _Fields, int]],
    _Pairs,
    Optional[Tuple[bool, Optional[int]]],
    Optional[_Details],
]
_Checksum = Tuple[str, str, str]
_Verdict = Tuple[
    str, int, int, int, Optional[str], int, bool, Optional[_Checksum], Optional[_Checksum]
]
_Acl = Tuple[Optional[str], Optional[str], List[Tuple[str, str, Optional[str], str]]]

def version() -> str:
    """The version of the library."""

def while_waiting(call: Optional[Callable[[], object]]) -> None:
    """What this thread calls about once a second while it waits here; None ends that.

    An exception of it ends the wait. A call of this module that waits is not to be made in it.
    """

def error_kinds() -> List[Tuple[int, str, int, str]]:
    """Every kind of error as (number, name, errno, class), in the order of its number."""

def client_new(settings: _Pairs) -> _Client:
    """Makes a client from (name, text) pairs."""

def client_settings() -> List[Tuple[str, str, str]]:
    """The names of all settings, with their defaults as text and one line of help each."""

def client_setting_fault(name: str, text: str) -> Optional[str]:
    """What the core has against a text as the value of a setting, if anything."""

def client_list_buckets(client: _Client) -> List[Tuple[str, Optional[int]]]:
    """The buckets as (name, time or None)."""

def client_head(client: _Client, bucket: str, key: str, version_id: Optional[str]) -> _Object:
    """The fields of an object, from a HEAD."""

def client_tags(client: _Client, bucket: str, key: str, version_id: Optional[str]) -> _Pairs:
    """The tags of an object as (key, value)."""

def client_acl(client: _Client, bucket: str, key: str, version_id: Optional[str]) -> _Acl:
    """Owner's id and name, and grants as (kind, grantee, name, permission)."""

def client_stats(client: _Client) -> Dict[str, int]:
    """The counters of a client, by name."""

def client_set_credentials(
    client: _Client,
    access_key_id: str,
    secret_access_key: str,
    session_token: Optional[str],
    expires: Optional[int],
) -> None:
    """Puts other keys into the place of those in use; `expires` is in microseconds since 1970."""

def client_wants_credentials(client: _Client) -> bool:
    """Whether the keys in use should be replaced now."""

def client_caller(
    client: _Client,
) -> Tuple[str, Optional[str], Optional[int], Optional[str], Optional[str]]:
    """As whom a client signs: where keys come from, their id, when they end, whose they are, and
    why that is not known."""

def client_cancel(client: _Client) -> None:
    """Cancels all that a client is doing, for good."""

def client_close(client: _Client) -> None:
    """Lets go of a client; readers and listings that it opened go on."""

def list_new(
    client: _Client,
    bucket: str,
    prefix: str,
    delimiter: Optional[str],
    start_after: Optional[str],
    end_at: Optional[str],
    versions: bool,
    prove_end: bool,
    ordered: bool,
    restore_status: bool,
) -> _List:
    """Begins a listing; nothing is sent before the first `list_next`."""

def list_next(list: _List, ready: List[Any]) -> bool:
    """Puts the next entries into `ready`, the last one first; false at the proven end.

    An object is a tuple, a common prefix is text.
    """

def list_summary(
    list: _List,
) -> Optional[Tuple[str, bool, str, int, int, int, List[str]]]:
    """The fields of a `ListSummary`; `None` if the listing never began."""

def list_cancel(list: _List) -> None:
    """Ends a wait of `list_next` in another thread, and the listing with it."""

def list_close(list: _List) -> None:
    """Ends the listing and frees its connection."""

def reader_open(
    client: _Client,
    bucket: str,
    key: str,
    offset: int,
    length: Optional[int],
    version_id: Optional[str],
    if_match: Optional[str],
    listed: Optional[Tuple[Optional[str], int]],
) -> _Reader:
    """Opens an object; the first bytes are on their way when it returns."""

def reader_read_into(reader: _Reader, buffer: Any) -> int:
    """Reads into a contiguous writable buffer without a copy of its own; 0 at the proven end."""

def reader_read(reader: _Reader, size: Optional[int]) -> bytes:
    """Reads so many bytes, fewer only at the end; all that are left if `size` is `None`."""

def reader_seek(reader: _Reader, offset: int, whence: int) -> int:
    """Goes on at another offset; `whence` is 0, 1 or 2 as for files. Returns the offset."""

def reader_tell(reader: _Reader) -> int:
    """Offset in the object of the next byte, in bytes."""

def reader_object(reader: _Reader) -> _Object:
    """The fields of the object, as the reply that was opened describes it."""

def reader_is_newer_than_listed(reader: _Reader) -> bool:
    """Whether the object is another one than was listed; false until the reply has come."""

def reader_verdict(reader: _Reader) -> Optional[_Verdict]:
    """The fields of the verdict; `None` before the proven end."""

def reader_open_pipe(reader: _Reader) -> int:
    """A descriptor that the rest of the object can be read from, fed in the background."""

def reader_finish(reader: _Reader) -> _Verdict:
    """The fields of the verdict, at the end: of the pipe, or of the rest, which is discarded."""

def reader_cancel(reader: _Reader) -> None:
    """Ends a wait in another thread, and the reader with it."""

def reader_close(reader: _Reader) -> None:
    """Ends the reader and frees its connection; a read in another thread ends as cancelled."""

def stream_new(client: _Client, bucket: str, concurrency: int) -> _Stream:
    """A stream that is fed by `stream_push`."""

def stream_has_room(stream: _Stream) -> bool:
    """Whether more is welcome."""

def stream_push(
    stream: _Stream,
    key: str,
    version_id: Optional[str],
    if_match: Optional[str],
    size: Optional[int],
    ahead: bool,
    etag: Optional[str],
    last_modified: Optional[int],
    storage_class: Optional[str],
    is_delete_marker: bool,
) -> None:
    """Adds an object. Without a size nothing else is known of it."""

def stream_push_unreadable(stream: _Stream, key: str, why: str) -> None:
    """Adds an entry of a listing that cannot be read: its reader fails."""

def stream_next(stream: _Stream) -> Optional[_Reader]:
    """The oldest that was pushed and not handed out yet; `None` if there is none."""

def stream_cancel(stream: _Stream) -> None:
    """Ends a wait of `stream_next` in another thread, the stream and its readers."""

def stream_close(stream: _Stream) -> None:
    """Ends the stream and all its readers."""

def file_name(key: str) -> str:
    """The file name of one key on its own."""

def key_of(file_name: str) -> str:
    """The key of a file name that was made from one."""

def version_file_name(key: str, version_id: str) -> str:
    """The path of one version of a key."""

def version_of(file_name: str) -> Tuple[str, str]:
    """The key and the version's id of a path that was made from them."""

def names_new() -> _Names:
    """File names for the keys of one listing."""

def names_file_name(names: _Names, key: str) -> str:
    """The file name of the next key; keys come in ascending order."""

def pattern_new(expression: str) -> _Pattern:
    """An expression that is to match a whole text, in linear time; `ValueError` if it is none."""

def pattern_matches(pattern: _Pattern, text: str) -> bool:
    """Whether it matches the whole text."""

def plan_new(client: _Client, bucket: str, options: Dict[str, Any]) -> _Plan:
    """Begins a plan; nothing is sent before the first `plan_advance`. What `options` leaves out
    is as the core has it, or as the plan before has it."""

def plan_advance(plan: _Plan, entries: int) -> Tuple[bool, int, int]:
    """Takes in up to so many entries: whether there are more, objects and bytes so far."""

def plan_finish(
    plan: _Plan,
) -> Tuple[str, List[Tuple[int, float, str, str]], int, int, int, str]:
    """The plan, once `plan_advance` has said that there is no more: its text; its changes as
    shard, fill, reason and line; objects, bytes, unreadable entries and fingerprint."""

def plan_cancel(plan: _Plan) -> None:
    """Ends a wait of `plan_advance` in another thread, and the plan with it."""

def plan_checked(text: str) -> str:
    """Raises `ValueError` if a text is no plan; the text as it would be written."""

def plan_flaws(
    ranges: List[Tuple[int, Optional[str], Optional[str]]],
) -> List[Tuple[str, Optional[Tuple[int, int]]]]:
    """What is wrong with ranges that are to cover every key once: a line each, and which two
    overlap if that is it."""

def report_new() -> _Report:
    """A report of nothing yet."""

def report_from_manifest(path: str) -> Tuple[_Report, Dict[str, Any]]:
    """A report of the records in the manifest at `path`, and what it says of its run."""

def report_head(run: Dict[str, Any]) -> bytes:
    """The first line of the manifest of a run."""

def report_foot(report: _Report, run: Dict[str, Any]) -> bytes:
    """The last line of the manifest whose records a report was fed."""

def report_add(report: _Report, record: Dict[str, Any]) -> bytes:
    """Takes one record into account; returns its line of the manifest."""

def report_summary(report: _Report, run: Dict[str, Any]) -> Dict[str, Any]:
    """The counts of a report, and what it all comes to."""

def report_html(report: _Report, run: Dict[str, Any]) -> bytes:
    """The page of a report."""

def shown(text: str) -> str:
    """Text of others as one line that deceives nobody on a terminal or in a log."""
