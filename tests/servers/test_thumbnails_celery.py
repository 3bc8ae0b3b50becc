"""Thumbnails by real Celery workers on a real Redis, on S3: as a deployment has them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from s3_saver import S3Storage
from servers.ceph import S3Server

pytestmark = pytest.mark.servers

HERE = Path(__file__).parent
PROJECT = "thumbnails_project"

Environment = dict[str, str]


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The URL of a Redis of our own."""
    if not shutil.which("redis-server"):
        if os.environ.get("CI"):
            pytest.fail("redis-server is missing: apt-get install redis-server")
        pytest.skip("needs Redis: apt-get install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: accepts(port))
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@pytest.fixture
def environment(redis: str, server: S3Server, storage: S3Storage, tmp_path: Path) -> Environment:
    """What the project's processes are told; the bucket holds one original."""
    photo = BytesIO()
    Image.new("RGB", (80, 60), "red").save(photo, "JPEG")
    storage.save("static/up/a.jpg", photo)
    return {
        **os.environ,
        **server.environment,
        "PROJECT_REDIS": redis,
        "PROJECT_BUCKET": storage.bucket,
        "PROJECT_HOLD": str(tmp_path / "hold"),
    }


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(happened: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it has not happened in time"
        time.sleep(0.1)


def page(environment: Environment) -> str:
    """What a web process, new each time, shows for the picture."""
    command = [sys.executable, str(HERE / f"{PROJECT}.py"), "a.jpg"]
    ran = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return ran.stdout.strip()


def is_ready(environment: Environment, storage: S3Storage) -> bool:
    return f"/{storage.bucket}/static/thumbs/a_40x40_85.jpg" in page(environment)


@contextmanager
def worker(environment: Environment, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "celery", "-A", f"{PROJECT}:celery", "worker", "-l", "WARNING"]
    process = subprocess.Popen(
        [*command, *options], cwd=HERE, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and its children, as a machine that loses power does."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_story(environment: Environment, storage: S3Storage) -> None:
    """One web process asks, a worker makes the thumbnail, another web process shows it: all that
    they share is Redis and the bucket.
    """
    assert page(environment).startswith("data:image/svg+xml,")
    with worker(environment, "--concurrency=2"):
        wait_for(lambda: storage.exists("static/thumbs/a_40x40_85.jpg"))
        wait_for(lambda: is_ready(environment, storage))
    with storage.open("static/thumbs/a_40x40_85.jpg") as file, Image.open(file) as image:
        assert image.size == (40, 30)


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
    assert not storage.exists("static/thumbs/a_40x40_85.jpg")
    with worker(environment, "--pool=solo"):
        if way == "lease":
            wait_for(lambda: is_ready(environment, storage))
        else:
            wait_for(lambda: storage.exists("static/thumbs/a_40x40_85.jpg"), seconds=150)
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
