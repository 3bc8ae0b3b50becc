"""Ceph's S3 gateway for as long as a ``with`` block lasts; ``ceph-rgw`` does the work."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HERE = Path(__file__).parent

COMMANDS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw")


@contextmanager
def ceph_gateway() -> Iterator[dict[str, str]]:
    """Start a gateway that nobody else uses, on free ports; stop it when the block ends.

    :return: the variables by which ``s3_saver.testing`` takes this server in place of moto's.
    :raises subprocess.CalledProcessError: it did not start; the reason is on standard error.
    """
    # Not the folder of TMPDIR: the paths of UNIX sockets must be short.
    folder = tempfile.mkdtemp(prefix="rgw-", dir="/tmp")
    command = str(_HERE / "ceph-rgw")
    try:
        started = subprocess.run(
            [command, "start", folder], check=True, stdout=subprocess.PIPE, text=True
        )
        yield {
            "S3_TEST_ENDPOINT": started.stdout.strip(),
            "S3_TEST_KEY": "testkey",
            "S3_TEST_SECRET": "testsecret",
            "S3_TEST_STORE": "ceph",
        }
    finally:
        subprocess.run([command, "stop", folder], check=True)
