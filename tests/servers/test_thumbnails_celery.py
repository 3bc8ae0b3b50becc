"""Thumbnails by real Celery workers on a real Redis, on S3: as a deployment has them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from s3_saver import S3Storage
from s3_saver.testing import S3Server
from servers.processes import free_port, kill, running, wait_for
from servers.redis import redis_server

pytestmark = pytest.mark.servers

HERE = Path(__file__).parents[1]  # where this package is found
PROJECT = "servers.thumbnails_project"
THUMBNAIL = "static/thumbs/a_40x40_85.jpg"

Environment = dict[str, str]


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The URL of a Redis of our own."""
    with redis_server() as url:
        yield url


@pytest.fixture
def environment(redis: str, s3_server: S3Server, storage: S3Storage, tmp_path: Path) -> Environment:
    """The environment of the project's processes; the bucket holds one original."""
    photo = BytesIO()
    Image.new("RGB", (80, 60), "red").save(photo, "JPEG")
    storage.save("static/up/a.jpg", photo)
    return {
        **os.environ,
        "S3_TEST_ENDPOINT": s3_server.endpoint_url,
        "S3_TEST_KEY": s3_server.access_key_id,
        "S3_TEST_SECRET": s3_server.access_key_secret,
        "PROJECT_REDIS": redis,
        "PROJECT_BUCKET": storage.bucket_name,
        "PROJECT_HOLD": str(tmp_path / "hold"),
    }


def page(environment: Environment) -> str:
    """What a web process, new each time, shows for the picture."""
    command = [sys.executable, "-m", PROJECT, "a.jpg"]
    ran = subprocess.run(
        command, cwd=HERE, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout.strip()


def is_ready(environment: Environment, storage: S3Storage) -> bool:
    return f"/{storage.bucket_name}/{THUMBNAIL}" in page(environment)


def worker(
    environment: Environment, *options: str
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "celery", "-A", f"{PROJECT}:celery", "worker", "-l", "WARNING"]
    return running(*command, *options, cwd=HERE, env=environment)


def test_story(environment: Environment, storage: S3Storage) -> None:
    """One web process asks, a worker makes the thumbnail, another web process shows it: all that
    they share is Redis and the bucket.
    """
    assert page(environment).startswith("data:image/svg+xml,")
    with worker(environment, "--concurrency=2"):
        wait_for(lambda: storage.exists(THUMBNAIL))
        wait_for(lambda: is_ready(environment, storage))
    with storage.open(THUMBNAIL) as file, Image.open(file) as image:
        assert image.size == (40, 30)


def test_warm_in_another_process(environment: Environment, storage: S3Storage) -> None:
    """What one process knows the others know by Redis: a new web process shows the thumbnail
    without a call to S3, which it cannot even reach.
    """
    page(environment)
    with worker(environment, "--pool=solo"):
        wait_for(lambda: is_ready(environment, storage))
    storage.delete("static/up/a.jpg", THUMBNAIL)
    environment["PROJECT_STORAGE"] = f"http://127.0.0.1:{free_port()}"
    assert is_ready(environment, storage)


def test_redis_that_goes_and_comes(environment: Environment, storage: S3Storage) -> None:
    """While Redis is gone, with the broker and the cache, pages show the placeholder; when it is
    back, the thumbnail appears.
    """
    port = free_port()
    environment["PROJECT_REDIS"] = f"redis://127.0.0.1:{port}/0"
    assert page(environment).startswith("data:image/svg+xml,")
    with redis_server(port):
        assert page(environment).startswith("data:image/svg+xml,")
        with worker(environment, "--pool=solo"):
            wait_for(lambda: is_ready(environment, storage))


@pytest.mark.parametrize("way", ["lease", "redelivery"])
def test_killed_worker(way: str, environment: Environment, storage: S3Storage) -> None:
    """A worker that is killed in the middle of a job loses nothing: the thumbnail appears when the
    lease ends and a page asks again, or when the broker delivers the job again.
    """
    environment |= {
        "lease": {"PROJECT_LEASE": "3"},
        "redelivery": {"PROJECT_LEASE": "600", "PROJECT_REDELIVERY": "2"},
    }[way]
    hold = Path(environment["PROJECT_HOLD"])
    hold.touch()
    assert page(environment).startswith("data:")
    with worker(environment, "--pool=solo") as first:
        wait_for(Path(f"{hold}.begun").exists)
        kill(first)
    hold.unlink()
    assert not storage.exists(THUMBNAIL)
    with worker(environment, "--pool=solo"):
        if way == "lease":
            wait_for(lambda: is_ready(environment, storage))
        else:
            wait_for(lambda: storage.exists(THUMBNAIL), seconds=150)
            wait_for(lambda: is_ready(environment, storage))


def test_killed_child(environment: Environment, storage: S3Storage) -> None:
    """A worker's child that is killed in the middle of a job has it done by another."""
    environment["PROJECT_LEASE"] = "600"
    hold = Path(environment["PROJECT_HOLD"])
    hold.touch()
    assert page(environment).startswith("data:")
    with worker(environment, "--concurrency=1"):
        begun = Path(f"{hold}.begun")
        wait_for(lambda: begun.exists() and begun.read_text().strip())
        child = int(begun.read_text().split()[0])
        os.kill(child, signal.SIGKILL)
        hold.unlink()
        wait_for(lambda: is_ready(environment, storage))
