"""Backs up a real tree from a real server and compares every byte.

    real_tree.py [--small] PATH_TO_s3stream-backup [PATH_TO_s3agent]

Needs awscli, GNU tar and diff, and the environment that tests/interop/with-server sets.

1. A tree of at least 5,000 files and 300 MB is taken from this machine's own /usr (regular
   files only, symbolic links are skipped); what is missing is made up.
2. awscli uploads it, an object of 2 GiB in one PUT, and one in parts of 16 MiB.
3. s3stream-backup writes the bucket into a tar archive.
4. GNU tar unpacks that, and `diff -r` compares it with what went in. The manifest must have
   as many objects as awscli lists.
5. If there is one, s3agent (examples/c) does the same through C, by four threads.

With --small 500 files, 64 MiB and 40 MiB: for a quick look. Prints what it measured.
"""

import collections
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOTS = ["/usr/share/doc", "/usr/lib/python3", "/usr/lib/python3.11", "/usr/share", "/usr/lib"]
MIB = 1 << 20
# Files beyond this are for the two big objects.
LARGEST = 20 * MIB

FULL = {"files": 5000, "bytes": 300_000_000, "one_put": 2048 * MIB, "in_parts": 200 * MIB}
SMALL = {"files": 500, "bytes": 10_000_000, "one_put": 64 * MIB, "in_parts": 40 * MIB}


def collect(directory, wanted):
    """Copies regular files of this machine until there are enough; number and bytes."""
    files = size = 0
    seen = set()
    for root in ROOTS:
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                source = Path(folder, name)
                if source in seen or not is_ordinary(source):
                    continue
                # Many files first, then bytes: a folder of libraries alone has no variety.
                if files >= wanted["files"] and source.stat().st_size < MIB:
                    continue
                seen.add(source)
                target = directory / source.relative_to("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                files, size = files + 1, size + target.stat().st_size
                if files >= wanted["files"] and size >= wanted["bytes"]:
                    return files, size
    return make_up(directory / "made-up", wanted, files, size)


def is_ordinary(path):
    try:
        status = path.lstat()
    except OSError:
        return False
    # s3stream's names for '%' and control characters are another test's business.
    is_plain = "%" not in str(path) and str(path).isprintable()
    return stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST and is_plain


def make_up(directory, wanted, files, size):
    """Fills up what this machine's own files did not come to."""
    directory.mkdir()
    source = random.Random(1)
    while files < wanted["files"] or size < wanted["bytes"]:
        missing = max(wanted["files"] - files, 1)
        length = max(wanted["bytes"] - size, 0) // missing + 1
        data = source.randbytes(min(length, LARGEST))
        (directory / f"{files:05}").write_bytes(data)
        files, size = files + 1, size + len(data)
    return files, size


def generate(path, length):
    """A file of which every MiB differs from every other."""
    block = random.Random(length).randbytes(MIB - 16)
    with path.open("wb") as out:
        for number in range(length // MIB):
            out.write(b"%016d" % number)
            out.write(block)


def aws(*arguments):
    """Runs awscli; its output."""
    program = Path(sys.executable).with_name("aws")
    environment = dict(
        os.environ,
        # RadosGW 16 knows nothing of checksum trailers.
        AWS_REQUEST_CHECKSUM_CALCULATION="when_required",
        AWS_RESPONSE_CHECKSUM_VALIDATION="when_required",
        AWS_CONFIG_FILE=os.environ["REAL_TREE_AWS_CONFIG"],
    )
    reply = subprocess.run(
        [program, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return reply.stdout


def upload(source, bucket):
    aws("s3", "sync", "--only-show-errors", str(source), f"s3://{bucket}", "--exclude", "big/*")
    one_put = ["--key", "big/one put", "--body", str(source / "big/one put")]
    aws("s3api", "put-object", "--bucket", bucket, *one_put)
    in_parts = str(source / "big/in parts")
    aws("s3", "cp", "--only-show-errors", in_parts, f"s3://{bucket}/big/in parts")


def listed(bucket):
    """Number of objects and bytes, as awscli counts them."""
    lines = aws("s3", "ls", "--recursive", "--summarize", f"s3://{bucket}").splitlines()
    totals = dict(line.strip().split(": ") for line in lines if line.strip().startswith("Total "))
    return int(totals["Total Objects"]), int(totals["Total Size"])


def measured(command):
    """Runs a program; seconds, CPU seconds and peak resident memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed with exit status {process.returncode}")
    seconds = time.monotonic() - start
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def proven(manifest):
    """How many objects the manifest says were stored, by which method each was proven."""
    with manifest.open(encoding="utf-8") as lines:
        records = [record for record in map(json.loads, lines) if "outcome" in record]
    failed = [record for record in records if record["outcome"] != "streamed"]
    assert not failed, f"not stored: {failed[:5]}"
    return collections.Counter(record["method"] for record in records)


def say(what, seconds, size=None):
    rate = f", {size / seconds / 1e6:.0f} MB/s" if size and seconds > 0 else ""
    print(f"{what}: {seconds:.1f} s{rate}", flush=True)


def compare(what, source, restored, archives):
    """Unpacks archives, which must have all of `source` and nothing else, and removes them."""
    start = time.monotonic()
    restored.mkdir()
    for archive in archives:
        subprocess.run(["tar", "-xf", archive, "-C", restored], check=True)
        archive.unlink()
    subprocess.run(["diff", "-r", source, restored], check=True)
    shutil.rmtree(restored)
    say(f"{what}: unpacked by GNU tar and compared by diff -r", time.monotonic() - start)


def run_agent(directory, agent, bucket, source, files, size):
    """The same backup through C."""
    command = [agent, "-j", "4", "-o", str(directory / "agent"), f"s3://{bucket}"]
    seconds, cpu, peak = measured(command)
    say("backed up by s3agent", seconds, size)
    print(f"  {files / seconds:.0f} objects/s, {cpu:.1f} CPU s, peak memory {peak:.0f} MiB")
    compare("s3agent", source, directory / "by-agent", sorted(directory.glob("agent.*.tar")))


def run(directory, program, agent, wanted):
    bucket = os.environ["S3STREAM_BUCKET"]
    source = directory / "source"
    (source / "big").mkdir(parents=True)
    aws_config = directory / "aws-config"
    aws_config.write_text("[default]\ns3 =\n  multipart_chunksize = 16MB\n")
    os.environ["REAL_TREE_AWS_CONFIG"] = str(aws_config)

    start = time.monotonic()
    files, size = collect(source, wanted)
    assert files >= wanted["files"] and size >= wanted["bytes"], (files, size)
    generate(source / "big/one put", wanted["one_put"])
    generate(source / "big/in parts", wanted["in_parts"])
    files, size = files + 2, size + wanted["one_put"] + wanted["in_parts"]
    say(f"a tree of {files} files, {size} bytes", time.monotonic() - start)

    start = time.monotonic()
    upload(source, bucket)
    say("uploaded by awscli", time.monotonic() - start, size)
    assert listed(bucket) == (files, size), f"awscli lists {listed(bucket)}"

    archive, manifest = directory / "out.tar", directory / "out.jsonl"
    report = directory / "out.html"
    outputs = ["-o", str(archive), "--manifest", str(manifest), "--report", str(report)]
    seconds, cpu, peak = measured([program, f"s3://{bucket}", *outputs])
    say("backed up by s3stream-backup", seconds, size)
    print(f"  {files / seconds:.0f} objects/s, {cpu:.1f} CPU s, peak memory {peak:.0f} MiB")

    methods = proven(manifest)
    assert methods.total() == files, f"the manifest has {methods.total()} objects, awscli {files}"
    print("  proven by " + ", ".join(f"{method}: {count}" for method, count in methods.items()))
    assert report.stat().st_size > 0

    compare("s3stream-backup", source, directory / "restored", [archive])
    if agent:
        run_agent(directory, agent, bucket, source, files, size)
    print(
        f"real tree on {os.environ['S3STREAM_SERVER']}: {files} objects, {size} bytes, identical; "
        f"backup took {seconds:.1f} s, peak memory {peak:.0f} MiB"
    )


def main():
    arguments = sys.argv[1:]
    wanted = FULL
    if "--small" in arguments:
        arguments.remove("--small")
        wanted = SMALL
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    program, agent = (arguments + [None])[:2]
    with tempfile.TemporaryDirectory(prefix="s3stream-real-tree.") as directory:
        run(Path(directory), program, agent, wanted)


if __name__ == "__main__":
    main()
