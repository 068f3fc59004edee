"""What S3 knows of an object beside its bytes, as extended attributes of its file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple


#: What the names of all attributes begin with: Linux lets everybody set these on a file.
PREFIX = "user.s3stream."

#: The daemon refuses files with more than 1 MiB of attributes.
LARGEST = 512 << 10

#: The greatest prime of which any remainder fits the catalogue: 2 to the 63rd, less 25.
PRIME = (1 << 63) - 25

#: What the verdict of an object begins with that could not be read to a proven end.
FAILED = "failed: "


def attributes(entry: Any, listed: Any, verdict: str) -> List[Tuple[bytes, bytes]]:
    """Names and values of all attributes of an object, as its reply and its listing have them.

    `verdict` says how far the bytes are proven.
    Tags and access rules are not among them: they take further requests for each object.
    """
    found = [
        ("content-type", entry.content_type),
        ("etag", entry.etag),
        ("version-id", entry.version_id),
        # Replies leave the class of ordinary objects out.
        ("storage-class", entry.storage_class or listed.storage_class),
        ("verdict", verdict),
    ]
    found += [(f"checksum.{name}", value) for name, value in entry.checksums.items()]
    found += [(f"meta.{name}", value) for name, value in entry.metadata.items()]
    pairs = [(encode(PREFIX + name), encode(value)) for name, value in found if value]
    while sum([len(name) + len(value) for name, value in pairs]) > LARGEST:
        pairs.pop()
    return pairs


def encode(text: str) -> bytes:
    """UTF-8, also of what a header held that was not."""
    return text.encode("utf-8", "surrogateescape")


def inode(etag: Optional[str]) -> int:
    """A number that changes when the object changes, for a file's `st_ino`.

    Size and second of an object may stay while its content changes; accurate jobs with the
    option `i` then see it. The catalogue keeps it as a signed number of 64 bits. Listing and
    reply both state the ETag; the version is in replies only.
    """
    # The ETag as a number, modulo a prime: each of its bits counts, and there is no loop.
    return int.from_bytes((etag or "").encode("utf-8"), "big") % PRIME
