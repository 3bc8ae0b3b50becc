"""An S3 server to try things out with: moto's, on loopback, everything in memory.

It is a process of its own that ends with the process that started it, however that ends: it waits
on a pipe from there, which the system closes then.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import getproxies

import click

from s3_saver import S3Storage

BUCKET_NAME = "example-app-embedded"


@contextmanager
def embedded_s3() -> Iterator[dict[str, Any]]:
    """Run the server, with one empty private bucket, for as long as the block takes.

    :return: the app's settings for it.
    :raises RuntimeError: it did not start.
    """
    # -P keeps this file's folder off the path, where moto would find our modules for others.
    command = [sys.executable, "-P", __file__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        endpoint_url = server.stdout.readline().strip() if server.stdout else ""
        if not endpoint_url:
            raise RuntimeError("moto's server did not start: its output is above")
        _reach_loopback_directly()
        settings = {
            "USE_S3": True,
            "STATIC_ON_S3": True,
            "S3_BUCKET_NAME": BUCKET_NAME,
            "S3_ENDPOINT_URL": endpoint_url,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": "embedded",
            "S3_ACCESS_KEY_SECRET": "embedded",
        }
        S3Storage(
            BUCKET_NAME,
            endpoint_url=endpoint_url,
            region="us-east-1",
            access_key_id="embedded",
            access_key_secret="embedded",  # noqa: S106 - moto takes any
        ).client.create_bucket(Bucket=BUCKET_NAME)
        yield settings


def _reach_loopback_directly() -> None:
    # A proxy that the environment names is meant for the world outside.
    exceptions = [getproxies().get("no"), "127.0.0.1"]
    os.environ["no_proxy"] = ",".join(filter(None, exceptions))


def _serve() -> None:
    # Ctrl-C in a terminal goes to both processes. The app is the one to end first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    click.echo(f"http://{host}:{port}")
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
