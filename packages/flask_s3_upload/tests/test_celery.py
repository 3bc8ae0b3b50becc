"""Files of the background that Celery's workers send."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from celery.contrib.testing.worker import start_worker  # type: ignore[import-untyped]
from celery.signals import setup_logging, task_postrun  # type: ignore[import-untyped]
from flask import Flask
from sent_files import posted
from upload_site import MakeSite, Site

from flask_s3_upload import CeleryQueue, ConfigError, Job, Uploads, run_job
from flask_s3_upload.background._celery import TASK


@pytest.fixture
def celery() -> Iterator[Any]:
    """A Celery app whose broker is in this process."""
    app = Celery("project", broker="memory://")
    app.conf.broker_connection_retry_on_startup = True
    yield app
    app.close()


class Sent:
    """An app that leaves its files to Celery, and what it heard of them."""

    def __init__(self, make: MakeSite, celery: Any, **settings: Any) -> None:
        self.names: list[str] = []
        self.failed: list[str] = []
        self.queue = CeleryQueue(celery)
        uploads = Uploads(
            queue=self.queue,
            on_sent=lambda stored: self.names.append(stored.name),
            on_failed=lambda stored, error: self.failed.append(f"{stored.name}: {error}"),
        )
        self.site: Site = make(uploads, UPLOADS_BACKGROUND_RETRY_DELAY=0.001, **settings)

    def save(self, data: bytes = b"text", name: str = "a.txt") -> str:
        with self.site.app.app_context():
            stored = self.site.uploads.save(posted(data, name), background=True)
        self.queue.join()
        return stored.name


def spooled(tmp_path: Path) -> list[Path]:
    return sorted(path for path in tmp_path.glob("uploads-spool/*/*") if path.name != "lock")


def work(celery: Any, count: int) -> None:
    """Let a worker in this process do what waits in the broker."""
    done = threading.Semaphore(0)

    def count_one(**_: object) -> None:
        done.release()

    def leave_alone(**_: object) -> None:
        """Let the tests' logging be as it is."""

    task_postrun.connect(count_one)
    setup_logging.connect(leave_alone)
    with start_worker(celery, pool="solo", perform_ping_check=False):
        for _ in range(count):
            assert done.acquire(timeout=20)
    task_postrun.disconnect(count_one)
    setup_logging.disconnect(leave_alone)


def test_a_worker_sends_the_file(make_s3: MakeSite, celery: Any, tmp_path: Path) -> None:
    """The web process keeps the file and passes the job on; a worker sends it, reports it, and
    leaves nothing in the spool."""
    app = Sent(make_s3, celery)
    name = app.save()
    assert app.site.names() == []
    assert len(spooled(tmp_path)) == 2
    work(celery, 1)
    assert app.site.read(name) == b"text"
    assert (app.names, app.failed, spooled(tmp_path)) == ([name], [], [])


class Notebook:
    """A queue of one's own, which somebody else works off."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.apps: list[Flask] = []

    def init_app(self, app: Flask) -> None:
        self.apps.append(app)

    def put(self, app: Flask, job: Job) -> None:
        assert app is self.apps[-1]
        self.jobs.append(Job(*json.loads(json.dumps(job))))


class Shop:
    """An app with a queue of its own."""

    def __init__(self, make: MakeSite, **settings: Any) -> None:
        self.queue = Notebook()
        self.sent: list[str] = []
        uploads = Uploads(queue=self.queue, on_sent=lambda stored: self.sent.append(stored.name))
        self.site = make(uploads, **{"UPLOADS_BACKGROUND_RETRY_DELAY": 0.001, **settings})

    def save(self) -> Job:
        with self.site.app.app_context():
            self.site.uploads.save(posted(b"text", "a.txt"), background=True)
        return self.queue.jobs[-1]

    def run(self, job: Job) -> None:
        run_job(self.site.app, job)


def test_a_job_that_comes_twice_is_done_once(make_s3: MakeSite) -> None:
    """Brokers may deliver a job again: one that is done has nothing left to do."""
    shop = Shop(make_s3)
    job = shop.save()
    for _ in range(3):
        shop.run(job)
    assert len(shop.sent) == len(shop.site.names()) == 1


def test_a_job_that_comes_twice_at_once(make_s3: MakeSite) -> None:
    """While one worker sends a file, another leaves it alone; if the first is killed, the job is
    delivered again, and then it is sent."""
    shop = Shop(make_s3)
    job = shop.save()
    background: Any = shop.site.app.extensions["flask_s3_upload"][""].background
    with background._spool.take(job.name) as waiting:
        assert waiting is not None
        shop.run(job)
        assert shop.site.names() == []
    shop.run(job)
    assert shop.site.names() == shop.sent


def test_a_worker_that_died_after_sending(make_s3: MakeSite) -> None:
    """What is in the bucket already, but was not forgotten, counts as sent."""
    shop = Shop(make_s3)
    job = shop.save()
    background: Any = shop.site.app.extensions["flask_s3_upload"][""].background
    with background._spool.take(job.name) as waiting:
        background._deliver(waiting, waiting.stored.bind(shop.site.uploads.storages))
    shop.run(job)
    assert shop.site.names() == shop.sent
    assert len(shop.sent) == 1


def test_a_worker_without_the_spool(make_s3: MakeSite, tmp_path: Path) -> None:
    """A worker on a machine that does not have the folder says which setting it is about, and the
    file is not lost."""
    shop = Shop(make_s3)
    job = shop.save()
    spool = tmp_path / "uploads-spool"
    shutil.move(spool, tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="the same UPLOADS_SPOOL_FOLDER") as raised:
        shop.run(job)
    assert raised.value.setting == "UPLOADS_SPOOL_FOLDER"
    shutil.move(tmp_path / "elsewhere", spool)
    shop.run(job)
    assert len(shop.sent) == 1


def test_a_job_that_somebody_made_up(make_s3: MakeSite) -> None:
    """Names lead nowhere but into the spool."""
    shop = Shop(make_s3)
    shop.save()
    for name in ("../../etc", "a/b", "", "0" * 16 + "/../" + "0" * 29):
        with pytest.raises(ValueError, match="name must be"):
            shop.run(Job("", name))


def test_what_a_dead_process_left_is_put_again(make_s3: MakeSite) -> None:
    """A process that died before its job reached the broker loses nothing: the next one that starts
    passes it on."""
    shop = Shop(make_s3)
    job = shop.save()
    background: Any = shop.site.app.extensions["flask_s3_upload"][""].background
    for lock in background._spool._locks:
        lock.release()
    later = Shop(make_s3)
    later.site.client.get("/")
    assert later.queue.jobs == [job]
    later.run(job)
    assert later.sent == later.site.names()


def test_without_a_broker(make_s3: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    """While the broker is away the process sends its files itself, and the log says so."""
    celery = Celery("project", broker="amqp://127.0.0.1:1")
    celery.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0}
    app = Sent(make_s3, celery)
    name = app.save()
    assert app.names == [name]
    assert app.site.read(name) == b"text"
    assert "cannot leave an upload to Celery" in caplog.text


def test_the_task_outlives_its_worker() -> None:
    """It is acknowledged when it is done, so that a killed worker's is delivered again."""
    celery = Celery("project")
    CeleryQueue(celery)
    CeleryQueue(celery)  # of another app: there is one task all the same
    task = celery.tasks[TASK]
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.ignore_result
    with pytest.raises(RuntimeError, match="let the worker load the module"):
        task("project", "", "0" * 16 + "/" + "0" * 32)


def test_what_is_no_queue() -> None:
    """A class, and what has no put, are refused when they are passed."""
    for wrong in (CeleryQueue, Celery("project")):
        with pytest.raises(TypeError, match="queue must be a queue, such as CeleryQueue"):
            Uploads(queue=wrong)  # type: ignore[arg-type]


def test_celery_is_optional() -> None:
    """Importing the package does not import it."""
    code = "import sys, flask_s3_upload; sys.exit('celery' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
