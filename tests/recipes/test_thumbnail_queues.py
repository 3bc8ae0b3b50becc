"""Thumbnails made by RQ or Dramatiq, as docs/recipes/thumbnail-queues.md has them."""

import io
import sys
from collections.abc import Iterator
from shutil import which
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, render_template_string
from PIL import Image
from servers.redis import redis_server

from recipes.page import Load

pytestmark = pytest.mark.skipif(
    not which("redis-server"), reason="needs redis-server: apt-get install redis-server"
)


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def recipe(load: Load, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the recipe defines, where workers can import it."""
    pytest.importorskip("rq", reason="needs rq: pip install rq")
    pytest.importorskip("dramatiq", reason="needs dramatiq: pip install 'dramatiq[redis]'")
    monkeypatch.setenv("REDIS_URL", redis_url)
    names = load("thumbnail-queues")
    module = ModuleType("recipe")
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, "recipe", module)
    return names


def page(app: Flask, name: str) -> str:
    """What a page shows of a picture; the first call stores it."""
    storages = app.extensions["flask_thumbnails_s3"].first.files.layout.storages
    if not storages.current.exists(name):
        data = io.BytesIO()
        Image.new("RGB", (40, 30), "teal").save(data, "PNG")
        storages.save(name, data)
    with app.test_request_context():
        return render_template_string("{{ name|thumbnail('20x20') }}", name=name)


def test_rq(recipe: dict[str, Any]) -> None:
    """A worker of RQ makes what pages ask for, and leaves nothing in its queue."""
    from rq import SimpleWorker

    app, queue = recipe["app"], recipe["RqQueue"](recipe["REDIS"]).queue
    assert page(app, "rq.png").startswith("data:")
    assert len(queue) == 1
    SimpleWorker([queue], connection=queue.connection).work(burst=True)
    assert "rq_20x20_85.png" in page(app, "rq.png")
    assert len(queue) == len(queue.failed_job_registry) == 0


def test_dramatiq(recipe: dict[str, Any]) -> None:
    """So does one of Dramatiq."""
    import dramatiq

    app, broker = recipe["dramatiq_app"], dramatiq.get_broker()
    assert page(app, "dramatiq.png").startswith("data:")
    worker = dramatiq.Worker(broker, worker_timeout=10, worker_threads=1)
    worker.start()
    try:
        broker.join("thumbnails")
        worker.join()
    finally:
        worker.stop()
        broker.close()
    assert "dramatiq_20x20_85.png" in page(app, "dramatiq.png")
