#!/usr/bin/env python3
"""Removes one defence after another from the core, and shows which transcript notices.

    tests/defences.py [--target DIR] [NAME...]

Works in a copy of the checkout; DIR is where it is built (a temporary folder unless given).
A defence that nothing misses is a failure: then a transcript is missing.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORE = "s3stream-core/src/"

# name: (file, what stands there, what is put in its place, a transcript that must fail)
DEFENCES = {
    "the ETag of a resumption is compared": (
        "proto/window.rs",
        "Some(Pin { etag: Some(pinned), .. }) if etag.as_ref() != Some(pinned) =>",
        "Some(Pin { etag: Some(pinned), .. }) if false && etag.as_ref() != Some(pinned) =>",
        "changed_object_where_if_match_is_ignored",
    ),
    "the size of a resumption is compared": (
        "proto/window.rs",
        "&& pin.total != total",
        "&& false",
        "resume_answered_with_another_total",
    ),
    "Content-Range is compared with what was asked for": (
        "proto/window.rs",
        "if !starts_right || first.saturating_add(length) < end || (skip > 0 && first != 0) {",
        "if false {",
        "resume_answered_from_the_wrong_start",
    ),
    "If-Match is sent": (
        "proto/window.rs",
        "self.pin.as_ref()?.etag.as_ref().map(ETag::quoted)",
        "self.pin.as_ref()?.etag.as_ref().filter(|_| false).map(ETag::quoted)",
        "body_cut_by_fin_resumes",
    ),
    "a whole reply to a range is skipped up to the offset": (
        "proto/window.rs",
        "        self.skip = skip;\n        Ok(())",
        "        self.skip = 0;\n        Ok(())",
        "resume_answered_with_the_whole_object",
    ),
    "the digest is compared": (
        "read/proof.rs",
        "if got == *expected {",
        "if got == *expected || true {",
        "corrupt_byte_is_found_by_md5",
    ),
    "a body that ends early is no end": (
        "read/reader/body.rs",
        "Poll::Ready(None) if self.window.is_complete() => self.finish(),",
        "Poll::Ready(None) if self.window.is_complete() || true => self.finish(),",
        "body_ended_by_fin_alone_too_early",
    ),
    "a small object is held until it is proven": (
        "read/reader/mod.rs",
        "const HELD_UNTIL_PROVEN: u64 = 64 * 1024;",
        "const HELD_UNTIL_PROVEN: u64 = 0;",
        "corrupt_small_object_in_two_pieces_is_read_again",
    ),
    "IsTruncated must be there": (
        "proto/xml/page.rs",
        'self.is_truncated.ok_or("IsTruncated is missing")?',
        "self.is_truncated.unwrap_or(false)",
        "list_without_is_truncated_is_an_error",
    ),
    "keys must ascend": (
        "proto/pages.rs",
        "if !ascends {",
        "if false && !ascends {",
        "list_keys_out_of_order_are_an_error",
    ),
    "a token must change": (
        "proto/pages.rs",
        "if next_token.is_some() && next_token == self.token {",
        "if false {",
        "list_repeated_token_is_an_error",
    ),
    "a redirect stays in the endpoint's domain": (
        "proto/endpoint.rs",
        "if host != *own && !within && !sibling {",
        "if false && !within && !sibling {",
        "redirect_to_another_host_is_not_followed",
    ),
    "a stale connection costs nothing": (
        "proto/retry.rs",
        "Failure::Stale if self.stale < 1 =>",
        "Failure::Stale if false =>",
        "stale_connection_gets_one_free_retry",
    ),
    "progress forgives failures": (
        "proto/retry.rs",
        "            self.failures = 0;\n",
        "",
        "progress_renews_the_attempts",
    ),
}


def copy_of_the_checkout(folder):
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout.decode()
    for name in filter(None, tracked.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=True)


def failing(folder, target):
    """The transcripts that fail in the copy."""
    result = subprocess.run(
        ["cargo", "test", "--quiet", "--package", "s3stream-tests", "--test", "faults"],
        cwd=folder,
        env={**os.environ, "CARGO_TARGET_DIR": str(target)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    text = result.stdout.decode(errors="replace")
    if "test result:" not in text:
        raise SystemExit(f"it does not build:\n{text[-3000:]}")
    return set(re.findall(r"^---- (\S+) ----$", text, re.MULTILINE))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="a part of a defence's name")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "checkout"
        target = options.target or pathlib.Path(temporary) / "target"
        copy_of_the_checkout(folder)
        for name, (file, there, instead, transcript) in DEFENCES.items():
            if options.names and not any(part in name for part in options.names):
                continue
            path = folder / CORE / file
            text = path.read_text()
            assert text.count(there) == 1, f"{file} no longer holds: {there}"
            path.write_text(text.replace(there, instead))
            fails = failing(folder, target)
            path.write_text(text)
            noticed = transcript in fails
            missed += not noticed
            print(f"{'ok    ' if noticed else 'MISSED'} without: {name}: {transcript} and {len(fails - {transcript})} more fail", flush=True)
    print(f"{missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
