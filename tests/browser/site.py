"""The example app as a process of its own, started as its README says."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deployed.app import ROOT, Environment, machine, new_bucket, on_s3, run
from example_app import assets
from servers.processes import running

from s3_saver.testing import S3Server

ADMIN_EMAIL = "admin@example.com"
PAGES = ("", "gallery", "sizes", "status", "login")


@dataclass(frozen=True)
class Site:
    """A running app.

    :param name: where its files are: ``'disk'``, ``'embedded'`` or ``'ceph'``.
    :param url: of the home page, with a slash at the end.
    :param password: of the admin, as the first start has printed it.
    """

    name: str
    url: str
    password: str

    @property
    def place(self) -> str:
        """What pages say of where a file is."""
        return "on disk" if self.name == "disk" else "on S3 in"


@contextmanager
def on_disk(folder: Path) -> Iterator[Site]:
    """Run the app with all files on disk."""
    with _started("disk", _without_password(folder), "--local") as site:
        yield site


@contextmanager
def on_embedded_s3(folder: Path) -> Iterator[Site]:
    """Run the app with the S3 server that it brings along."""
    with _started("embedded", _without_password(folder)) as site:
        yield site


@contextmanager
def on_ceph(folder: Path, server: S3Server) -> Iterator[Site]:
    """Run the app on a bucket of Ceph's, set up as the app's README says."""
    with new_bucket(server) as bucket:
        environment = machine(folder, **on_s3(bucket, server), PYTHONUNBUFFERED="1")
        bucket.client.put_bucket_cors(
            Bucket=bucket.bucket_name, CORSConfiguration={"CORSRules": assets.cors_rules()}
        )
        run(environment, "s3-static", "push", "--public-policy")
        with _started("ceph", environment | {"STATIC_ON_S3": "1"}) as site:
            yield site


@contextmanager
def quickstart_on_disk(folder: Path) -> Iterator[Site]:
    """Run the app of one file with all files on disk."""
    with _started("disk", _quickstart(folder), "--quickstart", "--local") as site:
        yield site


@contextmanager
def quickstart_on_embedded_s3(folder: Path) -> Iterator[Site]:
    """Run the app of one file with the S3 server that the example app brings along."""
    with _started("embedded", _quickstart(folder), "--quickstart") as site:
        yield site


@contextmanager
def quickstart_on_ceph(folder: Path, server: S3Server) -> Iterator[Site]:
    """Run the app of one file on a bucket of Ceph's, set up as docs/start.md says."""
    with new_bucket(server) as bucket:
        settings = on_s3(bucket, server)
        flask = {f"FLASK_{name}": value for name, value in settings.items()}
        environment = _quickstart(folder) | settings | flask
        bucket.client.put_bucket_cors(
            Bucket=bucket.bucket_name, CORSConfiguration={"CORSRules": assets.cors_rules()}
        )
        push = ["flask", "--app", "example_app.quickstart", "s3-static", "push", "--public-policy"]
        subprocess.run([sys.executable, "-m", *push], cwd=ROOT, env=environment, check=True)
        with _started("ceph", environment, "--quickstart") as site:
            yield site


def _quickstart(folder: Path) -> Environment:
    """The settings by which the app of one file keeps all that it has in a folder."""
    return _without_password(folder) | {
        "FLASK_SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/quickstart.sqlite",
        "FLASK_UPLOADS_FOLDER": str(folder / "uploads"),
        "FLASK_MEDIA_THUMBNAIL_FOLDER": str(folder / "thumbnails"),
        "FLASK_SECRET_KEY": "a key for tests",
        "FLASK_ADMIN_PASSWORD": "only commands know this one",
    }


def _without_password(folder: Path) -> Environment:
    """The app's options at a first start, which makes a password."""
    environment = machine(folder, PYTHONUNBUFFERED="1")
    del environment["ADMIN_PASSWORD"]
    return environment


@contextmanager
def _started(name: str, environment: Environment, *options: str) -> Iterator[Site]:
    command = [sys.executable, "-m", "example_app", *options]
    with running(
        *command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        with process.stdout:
            output = ""
            for line in iter(process.stdout.readline, b""):
                output += line.decode()
                if "Press Ctrl-C" in output:
                    break
            url = re.search(r"The app: +(\S+)", output)
            assert url, output
            if not (password := environment.get("ADMIN_PASSWORD")):
                printed = re.search(r"with the password (\S+)", output)
                assert printed, output
                password = printed[1]
            yield Site(name, url[1], password)
