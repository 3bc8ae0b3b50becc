import json
import threading
from typing import Any

import pytest
from flask import Flask
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import (
    Job,
    QueueFullError,
    ThreadQueue,
    Thumbnail,
    run_job,
)


class HeldQueue:
    """Keeps jobs until the test runs them."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Flask, Job]] = []

    def init_app(self, app: Flask) -> None:
        pass

    def put(self, app: Flask, job: Job) -> None:
        self.jobs.append((app, Job(*json.loads(json.dumps(job)))))


class DeadQueue(HeldQueue):
    def put(self, app: Flask, job: Job) -> None:
        raise ConnectionError("no broker")


class FullQueue(HeldQueue):
    def put(self, app: Flask, job: Job) -> None:
        raise QueueFullError("7 jobs are waiting already")


def make_app(place: Place, queue: Any, **config: Any) -> Flask:
    thumbnail = Thumbnail(storage_for=place.counted, queue=queue)
    app: Flask = place.app(thumbnail=thumbnail, THUMBNAIL_MODE="queue", **config)
    return app


def show(app: Flask, image: str = "a.jpg", size: str = "20x20", **options: Any) -> Any:
    with app.test_request_context():
        return app.jinja_env.filters["thumbnail"](image, size, **options)


def test_story(place: Place, image_file: ImageFile) -> None:
    """The page gets at once a placeholder of the right size; later, the real one."""
    place.save("a.jpg", image_file())
    queue = HeldQueue()
    app = make_app(place, queue)
    url = show(app, crop="fit", size="20x10")
    assert url.startswith("data:image/svg+xml,")
    assert "width=%2220%22%20height=%2210%22" in url
    assert (url.width, url.height) == (20, 10)
    assert not place.calls

    run_job(*queue.jobs.pop())
    assert show(app, crop="fit", size="20x10") == place.url("a_20x10_fit_85.jpg")


def test_thread_queue(place: Place, image_file: ImageFile) -> None:
    """Threads of this process make the thumbnails."""
    queue = ThreadQueue()
    app = make_app(place, queue)
    for number in range(5):
        place.save(f"{number}.jpg", image_file())
        assert show(app, f"{number}.jpg").stands_in
    queue.join()
    for number in range(5):
        assert show(app, f"{number}.jpg") == place.url(f"{number}_20x20_85.jpg")


@pytest.mark.parametrize("placeholder", ["original", "/static/wait.gif"])
def test_placeholder(placeholder: str, place: Place) -> None:
    """The placeholder may be the original, or a URL."""
    url = show(make_app(place, HeldQueue(), THUMBNAIL_PLACEHOLDER=placeholder))
    assert url.startswith(place.original_url("a.jpg") if placeholder == "original" else placeholder)


def test_asked_once(place: Place) -> None:
    """However often a page is shown while the work waits, it is asked for once."""
    queue = HeldQueue()
    app = make_app(place, queue)
    for _ in range(20):
        show(app)
    assert len(queue.jobs) == 1


def test_asked_again_after_the_lease(disk: Place, image_file: ImageFile) -> None:
    """Work that got lost with its worker is asked for again when the lease ends."""
    disk.save("a.jpg", image_file())
    queue = HeldQueue()
    app = make_app(disk, queue, THUMBNAIL_LEASE=1)
    show(app)
    queue.jobs.clear()
    for _ in range(100):
        show(app)
        if queue.jobs:
            break
        threading.Event().wait(0.05)
    run_job(*queue.jobs.pop())
    assert not show(app).stands_in


def test_job_that_comes_twice(place: Place, image_file: ImageFile) -> None:
    """A job that is delivered again goes on at once, and makes nothing twice."""
    place.save("a.jpg", image_file())
    queue = HeldQueue()
    app = make_app(place, queue)
    show(app)
    run_job(*queue.jobs[0])
    run_job(*queue.jobs[0])
    assert place.count("save") == 1


def test_job_of_another_worker(place: Place, image_file: ImageFile, state_of: Any) -> None:
    """What another worker is making already is left to it."""
    place.save("a.jpg", image_file())
    app = make_app(place, HeldQueue())
    key = state_of(app).wants.key(place.bucket, "a_20x20_85.jpg")
    state_of(app).memory.acquire(key, "other")
    run_job(app, Job(place.bucket, ["a_20x20_85.jpg"], "me"))
    assert not place.calls


def test_broken_source(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A broken source is logged by who tries, remembered, and not tried again for a while."""
    place.save("a.jpg", b"no image")
    queue = HeldQueue()
    app = make_app(place, queue)
    show(app)
    run_job(*queue.jobs.pop())
    assert "not a picture of a known format" in caplog.text
    assert show(app).stands_in
    assert not queue.jobs


@pytest.mark.parametrize("queue", [DeadQueue(), FullQueue()])
def test_dead_or_full_queue(
    queue: HeldQueue, disk: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """A dead or full queue never breaks the page: it gets the placeholder, the log one line."""
    app = make_app(disk, queue)
    for _ in range(10):
        assert show(app).startswith("data:")
    assert len(caplog.records) == 1
    assert "the queue refuses thumbnails of 'a.jpg'" in caplog.text


def test_one_fetch_for_a_picture(place: Place, image_file: ImageFile) -> None:
    """All of a picture is one job with one fetch of the source."""
    place.save("a.jpg", image_file((400, 300)))
    queue = HeldQueue()
    app = make_app(place, queue)
    with app.test_request_context():
        html = app.jinja_env.filters["thumbnail_picture"]("a.jpg", "40x30")
        assert "<source" not in html
        (job,) = queue.jobs
        assert len(job[1].names) == 6
        run_job(*job)
        assert place.calls["open", "a.jpg"] == 1
        html = app.jinja_env.filters["thumbnail_picture"]("a.jpg", "40x30")
        assert html.count("<source") == 2
