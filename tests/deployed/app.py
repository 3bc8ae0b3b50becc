"""The processes of the example app: gunicorn's, Celery's, and its commands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from servers.processes import Program, free_port

from s3_saver import S3Storage
from s3_saver.testing import S3Server

ROOT = Path(__file__).parents[2]

Environment = dict[str, str]


def machine(folder: Path, **settings: str) -> Environment:
    """The environment of the processes of one machine.

    :param folder: all that the machine has on its disk.
    """
    folder.mkdir(exist_ok=True)
    ours = {"PATH", "HOME", "LANG", "VIRTUAL_ENV", "AWS_EC2_METADATA_DISABLED"}
    return {
        **{name: value for name, value in os.environ.items() if name in ours},
        "DATA_FOLDER": str(folder),
        "SECRET_KEY": "the same on all machines",
        "ADMIN_PASSWORD": "not printed, so not random",
        **settings,
    }


def on_s3(storage: S3Storage, server: S3Server, *, endpoint: str = "") -> dict[str, str]:
    """Settings for that bucket.

    :param endpoint: of a proxy before the server.
    """
    return {
        "USE_S3": "1",
        "S3_BUCKET_NAME": storage.bucket_name,
        "S3_REGION": server.region,
        "S3_ENDPOINT_URL": endpoint or server.endpoint_url,
        "S3_ACCESS_KEY_ID": server.access_key_id,
        "S3_ACCESS_KEY_SECRET": server.access_key_secret,
    }


@contextmanager
def new_bucket(server: S3Server) -> Iterator[S3Storage]:
    """Make a bucket; it goes with the block, and all that is in it."""
    with server.temporary_bucket() as bucket_name:
        yield server.storage(bucket_name)


class Web(Program):
    """A web server: several processes of several threads each.

    :param before: a command that runs gunicorn's.
    """

    def __init__(
        self,
        environment: Environment,
        *before: str,
        workers: int = 2,
        threads: int = 4,
    ) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [*before, sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        command += f"--workers {workers} --threads {threads} --graceful-timeout 10".split()
        command += ["--log-level", "warning", "example_app:create_app()"]
        super().__init__(*command, is_up=self._answers, cwd=ROOT, env=environment)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/status", timeout=30).ok
        except requests.RequestException:
            return False


class Worker(Program):
    """A Celery worker of several processes; it is up when it takes jobs."""

    def __init__(self, environment: Environment, *, processes: int = 2) -> None:
        command = f"{sys.executable} -m celery -A example_app.worker worker".split()
        command += f"--concurrency {processes} --loglevel WARNING".split()
        super().__init__(*command, is_up=lambda: True, cwd=ROOT, env=environment)


def run(environment: Environment, *arguments: str) -> str:
    """Run one of the app's commands, as ``flask thumbnails prune``; return what it prints."""
    command = [sys.executable, "-m", "flask", "--app", "example_app", *arguments]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout
