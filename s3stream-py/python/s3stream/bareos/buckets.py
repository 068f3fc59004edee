"""Which buckets a job backs up: decided, and said, before the first object."""

from __future__ import annotations

import s3stream
from s3stream.bareos.options import OptionError, Options, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

#: How many of the buckets that there are a message names.
NAMED = 10


def choose(client: Any, options: Options, warn: Callable[[str], None]) -> List[str]:
    """The names of the buckets to back up, in ascending order, each one once.

    One request where the credentials may list the buckets; one more for each bucket that is
    named and not among them, which may be somebody else's.

    Raises OptionError where a bucket is not there, or a pattern matches none.
    """
    there, why_not = _listed(client)
    faults: List[str] = []
    chosen: List[str] = []
    for pattern in options.buckets.items:
        if pattern.is_exact:
            if there is not None and pattern.text in there:
                chosen.append(pattern.text)
            else:
                faults.extend(_faults_of(client, pattern.text, there))
                chosen.append(pattern.text)
        elif there is None:
            faults.append(f"buckets={pattern.text} needs the list of buckets: {why_not}")
        else:
            matching = [bucket for bucket in there if pattern.matches(bucket)]
            chosen.extend(matching)
            if not matching:
                faults.append(f"buckets: '{pattern.text}' matches none; {_names(there)}")
    if not options.buckets:
        if there is None:
            faults.append(f"the buckets cannot be listed, name them by buckets=: {why_not}")
        chosen = there or []
        if there == []:
            faults.append(_names(there))
    kept = sorted({bucket for bucket in chosen if not options.buckets_exclude.match(bucket)})
    for text in options.buckets_exclude.unmatched():
        warn(f"buckets_exclude: '{text}' matches none of the chosen buckets")
    if not faults and not kept:
        faults.append("buckets_exclude leaves no bucket: nothing would be backed up")
    if faults:
        raise OptionError(faults)
    return kept


def _listed(client: Any) -> tuple[Optional[List[str]], str]:
    """All buckets, or why they cannot be listed: many credentials are for one bucket only."""
    try:
        return [bucket.name for bucket in client.list_buckets()], ""
    except (s3stream.AccessDeniedError, s3stream.UnsupportedError, s3stream.NotFoundError) as error:
        return None, str(error)


def _faults_of(client: Any, bucket: str, there: Optional[List[str]]) -> List[str]:
    """What is wrong with a bucket that is not in the list of buckets: nothing, or one line."""
    try:
        for _ in client.list(bucket).each(lambda _: None):
            break
    except s3stream.NotFoundError:
        close = suggestion(bucket, there) if there else ""
        close = close if close.startswith(":") else f"; {_names(there)}" if there else ""
        return [f"bucket '{bucket}' does not exist{close}"]
    except s3stream.S3Error as error:
        return [f"bucket '{bucket}' cannot be listed: {error}"]
    return []


def _names(buckets: List[str]) -> str:
    if not buckets:
        return "these credentials may see no bucket"
    more = f" and {len(buckets) - NAMED} more" if len(buckets) > NAMED else ""
    return f"there are {', '.join(buckets[:NAMED])}{more}"
