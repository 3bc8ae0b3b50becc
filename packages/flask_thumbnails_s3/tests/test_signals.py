"""Signals: others hear of thumbnails that are made, and of those that cannot be."""

from typing import Any

import pytest
from flask import Flask
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import (
    MissingImageError,
    ThreadQueue,
    Thumbnail,
    thumbnail_failed,
    thumbnail_made,
)


def show(app: Flask, image: str, size: str) -> str:
    with app.test_request_context():
        return str(app.jinja_env.filters["thumbnail"](image, size))


@pytest.mark.parametrize("mode", ["inline", "queue"])
def test_made(mode: str, place: Place, image_file: ImageFile) -> None:
    """Once for each thumbnail that is made, in a page or in a worker; not for one that is known."""
    place.save("a.jpg", image_file((80, 60)))
    queue, heard = ThreadQueue(), []

    def hear(app: Flask, **values: Any) -> None:
        assert place.thumbnails.exists(values["name"])
        heard.append((app, values))

    app = place.app(thumbnail=Thumbnail(queue=queue), THUMBNAIL_MODE=mode)
    with thumbnail_made.connected_to(hear):
        for _ in range(2):
            show(app, "a.jpg", "20x20")
            queue.join()
    values = {
        "image": "a.jpg",
        "storage_type": "s3" if place.bucket else "",
        "bucket_name": place.bucket,
        "store": "",
        "name": "a_20x20_85.jpg",
        "size": (20, 15),
    }
    assert heard == [(app, values)]


def test_failed(place: Place) -> None:
    """Once for each thumbnail that cannot be made, with the error, and not for each page."""
    heard = []

    def hear(app: Flask, **values: Any) -> None:
        heard.append((app.name, values["image"], values["name"], type(values["error"])))

    app = place.app()
    with thumbnail_failed.connected_to(hear):
        for _ in range(2):
            assert show(app, "no.jpg", "20x20").startswith("data:")
    assert heard == [("project", "no.jpg", "no_20x20_85.jpg", MissingImageError)]


def test_a_receiver_that_fails(
    disk: Place, image_file: ImageFile, caplog: pytest.LogCaptureFixture
) -> None:
    """What a receiver raises is logged, and breaks no page."""
    disk.save("a.jpg", image_file())

    def fail(_: Flask, **values: Any) -> None:
        raise RuntimeError(values["name"])

    with thumbnail_made.connected_to(fail):
        assert "a_20x20_85.jpg" in show(disk.app(), "a.jpg", "20x20")
    assert "a receiver of thumbnail-made failed for 'a_20x20_85.jpg'" in caplog.text
