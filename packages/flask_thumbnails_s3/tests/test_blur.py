"""A blurred picture of the image itself, in place of a gray area."""

import base64
import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from image_files import ImageFile, OpenImage
from PIL import Image
from thumbnail_place import Place

from flask_thumbnails_s3 import ThreadQueue, Thumbnail
from flask_thumbnails_s3.memory._outcomes import decode_preview
from flask_thumbnails_s3.templates._template import blurred_url


def make_app(place: Place, queue: ThreadQueue) -> Flask:
    thumbnail = Thumbnail(storage_for=place.counted, queue=queue)
    return place.app(thumbnail=thumbnail, THUMBNAIL_MODE="queue", THUMBNAIL_PLACEHOLDER="blur")


def show(app: Flask, size: str, **options: Any) -> Any:
    with app.test_request_context():
        return app.jinja_env.filters["thumbnail"]("a.jpg", size, **options)


def picture_in(url: str) -> bytes:
    """The small picture that a placeholder holds."""
    svg = ET.fromstring(unquote(url.partition("#")[0].removeprefix("data:image/svg+xml,")))
    (image,) = svg.iter("{http://www.w3.org/2000/svg}image")
    return base64.b64decode(image.attrib["href"].partition(",")[2])


def test_seen(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """Once an image was seen, whatever is new of it stands in as itself: 24 pixels, with the size
    that the thumbnail will have, and no call of a storage.
    """
    place.save("a.jpg", image_file((800, 400)))
    queue = ThreadQueue()
    app = make_app(place, queue)
    first = show(app, "40x40")
    assert "%3Cimage" not in first
    assert (first.width, first.height) == (40, 40)  # nobody knows its shape yet
    queue.join()
    place.calls.clear()
    url = show(app, "60x60")
    assert not place.count("stat")
    assert (url.width, url.height, url.stands_in) == (60, 30, True)
    small = open_image(picture_in(url))
    assert small.size == (24, 12)
    red, _, blue = small.convert("RGB").getpixel((2, 6))  # type: ignore[misc]
    assert red > 200 > 60 > blue
    assert len(url.partition("#")[0]) < 1200
    queue.join()
    crop = show(app, "30x30", crop="fit")
    assert (crop.width, crop.height) == (30, 30)
    assert "slice" in crop
    queue.join()
    assert "meet" in show(app, "35x35", bg="white")
    queue.join()


def test_deleted(disk: Place, image_file: ImageFile) -> None:
    """With an image's thumbnails its small picture is forgotten."""
    disk.save("a.jpg", image_file())
    queue = ThreadQueue()
    app = make_app(disk, queue)
    show(app, "40x40")
    queue.join()
    with app.app_context():
        assert app.test_cli_runner().invoke(args=["thumbnails", "delete", "--yes", "a.jpg"]).output
    assert "%3Cimage" not in show(app, "50x50")
    queue.join()


def test_not_kept_unasked(disk: Place, image_file: ImageFile, state_of: Any) -> None:
    """Who does not ask for it pays nothing for it."""
    disk.save("a.jpg", image_file())
    app = disk.app()
    show(app, "40x40")
    assert not [key for key in state_of(app).memory.cache._cache if ".preview." in key]


@pytest.mark.parametrize("format", ["GIF", "PNG"])
def test_other_kinds(format: str, disk: Place, image_file: ImageFile) -> None:
    """An animation is seen as its first frame, and what is transparent stays so."""
    if format == "GIF":
        rest = [Image.new("RGB", (80, 60), "lime")]
        data = image_file((80, 60), format, save_all=True, append_images=rest)
    else:
        data = image_file(format=format, image=Image.new("RGBA", (80, 60), (255, 0, 0, 0)))
    disk.save("a.jpg", data)
    queue = ThreadQueue()
    app = make_app(disk, queue)
    show(app, "40x40")
    queue.join()
    found = picture_in(show(app, "50x50"))
    queue.join()
    start = {"GIF": rb"\xff\xd8", "PNG": rb"RIFF....WEBP"}[format]
    assert re.match(start, found, re.DOTALL)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "x",
        "[1, 2]",
        '[0, 1, "data:image/webp;base64,AAAA"]',
        '[1, 1, "https://evil.example/"]',
        '[1, 1, "data:image/webp;base64,AA\\"/><script>"]',
    ],
)
def test_what_others_put_into_the_cache(value: object) -> None:
    """What is no small picture of ours is not shown."""
    assert decode_preview(value) is None


def test_the_url_is_one() -> None:
    """Nothing in it ends an attribute or a candidate of a srcset, or begins a fragment."""
    url = blurred_url((20, 10), "data:image/webp;base64,AA+/==", is_padded=False)
    assert not set(' "<>#') & set(url)
