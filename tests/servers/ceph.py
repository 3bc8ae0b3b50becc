"""Ceph's S3 gateway for as long as a ``with`` block lasts; ``ceph-rgw`` does the work."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent

COMMANDS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw")


@dataclass(frozen=True)
class S3Server:
    """Where an S3 server listens, and the key pair that may do everything there."""

    endpoint: str
    access_key_id: str = "testkey"
    secret_access_key: str = "testsecret"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell tests to use this server instead of their own moto."""
        return {
            "S3_TEST_ENDPOINT": self.endpoint,
            "S3_TEST_KEY": self.access_key_id,
            "S3_TEST_SECRET": self.secret_access_key,
        }


@contextmanager
def ceph_gateway() -> Iterator[S3Server]:
    """Start a gateway that nobody else uses, on free ports; stop it when the block ends.

    :raises subprocess.CalledProcessError: it did not start; the reason is on standard error.
    """
    # Not the folder of TMPDIR: the paths of UNIX sockets must be short.
    folder = tempfile.mkdtemp(prefix="rgw-", dir="/tmp")
    command = str(_HERE / "ceph-rgw")
    try:
        started = subprocess.run(
            [command, "start", folder], check=True, stdout=subprocess.PIPE, text=True
        )
        yield S3Server(started.stdout.strip())
    finally:
        subprocess.run([command, "stop", folder], check=True)
