"""A reader is what takes a file takes: the standard library, pandas, pyarrow."""

import gzip
import io
import shutil
import tarfile
import zipfile

import pytest
from servers import pattern

FILES = {"a.txt": b"alpha", "dir/b.bin": pattern(5, 300_000), "empty": b""}


@pytest.fixture(scope="module")
def archives(server):
    tar, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        for name, data in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    server.put("files/archive.tar.gz", tar.getvalue())
    server.put("files/archive.zip", zipped.getvalue())
    lines = b"".join(b"%d,%d\n" % (n, n * n) for n in range(5000))
    server.put("files/lines.gz", gzip.compress(lines))
    server.put("files/table.csv", b"number,square\n" + lines)
    return lines


def test_a_buffered_reader_reads_lines(client, archives):
    buffered = io.BufferedReader(client.open("bucket", "files/table.csv"))
    assert buffered.peek(6)[:6] == b"number"
    assert buffered.readline() == b"number,square\n"
    assert sum(1 for _ in buffered) == 5000
    assert buffered.raw.verdict.method == "crc64nvme"


def test_text_is_decoded(client, archives):
    reader = io.BufferedReader(client.open("bucket", "files/table.csv"))
    assert io.TextIOWrapper(reader, "ascii").readlines()[-1] == "4999,24990001\n"


def test_copyfileobj_copies(client):
    copy = io.BytesIO()
    with client.open("bucket", "big") as reader:
        shutil.copyfileobj(reader, copy)
    assert copy.tell() == 8 << 20 and reader.verdict.bytes == 8 << 20


@pytest.mark.parametrize("mode", ["r:gz", "r|gz", "r|*"])
def test_tarfile_unpacks(client, archives, mode):
    with client.open("bucket", "files/archive.tar.gz") as reader:
        with tarfile.open(fileobj=reader, mode=mode) as archive:
            assert {one.name: archive.extractfile(one).read() for one in archive} == FILES


def test_tarfile_packs_a_reader(client):
    reader = client.open("bucket", "big")
    member = tarfile.TarInfo("big")
    member.size = reader.object.size
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(member, reader)
    assert packed.tell() > 8 << 20 and reader.verdict is not None


def test_zipfile_seeks_about(client, archives):
    with client.open("bucket", "files/archive.zip") as reader:
        with zipfile.ZipFile(reader) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_gzip_expands(client, archives):
    with gzip.open(client.open("bucket", "files/lines.gz")) as expanded:
        assert expanded.read() == archives


def test_pandas_reads_a_table(client, archives):
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(client.open("bucket", "files/table.csv"))
    assert len(table) == 5000 and table["square"].iloc[-1] == 4999**2


def test_pyarrow_reads_a_table(server, client):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    out = io.BytesIO()
    parquet.write_table(pyarrow.table({"n": list(range(10_000))}), out)
    server.put("files/table.parquet", out.getvalue())
    assert parquet.read_table(client.open("bucket", "files/table.parquet")).num_rows == 10_000
