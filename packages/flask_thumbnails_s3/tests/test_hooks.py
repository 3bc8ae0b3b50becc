"""What an app adds: pictures of files that are none, and what is done to thumbnails."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from flask import Flask
from image_files import ImageFile, OpenImage
from PIL import Image, ImageOps
from thumbnail_place import Place

from flask_thumbnails_s3 import ConfigError, OptionError, Thumbnail
from flask_thumbnails_s3.naming._names import parse_thumbnail_name, thumbnail_name
from flask_thumbnails_s3.naming._options import parse_spec

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def show(app: Flask, image: str, size: str, **options: Any) -> Any:
    with app.test_request_context():
        return app.jinja_env.filters["thumbnail"](image, size, **options)


def app_of(place: Place, config: dict[str, Any] | None = None, **hooks: Any) -> Flask:
    return place.app(thumbnail=Thumbnail(storage_for=place.counted, **hooks), **(config or {}))


@pytest.mark.parametrize("as_stream", [False, True])
@pytest.mark.parametrize("key", ["application/pdf", "application/*"])
def test_source(
    key: str, as_stream: bool, place: Place, image_file: ImageFile, open_image: OpenImage
) -> None:
    """A function makes a picture of a file that is none, and thumbnails are made of that. It gets
    the open file, and may return bytes or a stream.
    """
    got = []

    def first_page(file: BinaryIO) -> bytes | BinaryIO:
        got.append(file.read())
        data = image_file((80, 60), "PNG")
        return BytesIO(data) if as_stream else data

    place.save("a.pdf", PDF)
    app = app_of(place, sources={key: first_page})
    url = show(app, "a.pdf", "40x40")
    assert url == place.url("a_40x40_80_pdf.webp")
    assert open_image(place.read("a_40x40_80_pdf.webp")).size == (40, 30)
    assert got == [PDF]


def test_bytes_decide(place: Place, image_file: ImageFile) -> None:
    """A picture that is called .pdf is a picture, and a PDF that is called .jpg is none."""
    place.save("a.pdf", image_file())
    place.save("b.jpg", PDF)
    called = []

    def first_page(file: BinaryIO) -> bytes:
        called.append(file)
        return image_file()

    app = app_of(place, sources={"application/pdf": first_page})
    assert not show(app, "a.pdf", "40x40").stands_in
    assert not called
    assert not show(app, "b.jpg", "40x40").stands_in
    assert called


def test_own_decoder(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """A function of an image's type takes the place of Pillow, whose verdict is on its result."""
    place.save("a.png", image_file((80, 60), "PNG"))
    app = app_of(place, sources={"image/png": lambda file: image_file((10, 10), "WEBP")})
    show(app, "a.png", "40x40")
    assert open_image(place.read("a_40x40_85.png")).size == (10, 10)


def _fails(_: BinaryIO) -> bytes:
    raise OSError("pdftoppm is not installed")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_fails, "pdftoppm is not installed"),
        (lambda file: 7, "returned int"),
        (lambda file: b"", "the file is empty"),
        (lambda file: b"x", "not a picture"),
        (lambda file: b"x" * 101, "THUMBNAIL_MAX_BYTES"),
        (lambda file: BytesIO(b"x" * 101), "THUMBNAIL_MAX_BYTES"),
    ],
)
def test_source_that_fails(
    function: Callable[..., Any],
    words: str,
    disk: Place,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A program that fails, or returns no picture, is one line in the log, and no page's end."""
    disk.save("a.pdf", PDF)
    config = {"THUMBNAIL_MAX_BYTES": 100}
    app = app_of(disk, config, sources={"application/pdf": function})
    with caplog.at_level(logging.WARNING, "flask_thumbnails_s3"):
        assert show(app, "a.pdf", "40x40").stands_in
    (line,) = caplog.messages
    assert words in line


def test_generate(disk: Place, image_file: ImageFile) -> None:
    """The command takes files that have a function, too."""
    disk.save("a.pdf", PDF)
    disk.save("a.txt", b"text")
    app = app_of(disk, sources={"application/pdf": lambda file: image_file()})
    result = app.test_cli_runner().invoke(args=["thumbnails", "generate", "20x20"])
    assert "1 image\n" in result.output
    assert "a.txt" in result.output


def gray(image: Image.Image) -> Image.Image:
    return ImageOps.grayscale(image)


def corner(image: Image.Image) -> Image.Image:
    image = image.convert("RGB")
    image.paste("white", (0, 0, 10, 10))
    return image


PROCESSORS = {"gray": gray, "corner": corner}


@pytest.mark.parametrize("format", [None, "png", "webp", "avif"])
def test_processors(
    format: str | None, place: Place, image_file: ImageFile, open_image: OpenImage
) -> None:
    """What the app does to a thumbnail is in its name, and is done in the order that is asked for;
    an alias may ask, too.
    """
    place.save("a.jpg", image_file((80, 60)))
    aliases = {"hero": {"size": "40x40", "processors": ["gray", "corner"]}}
    app = app_of(place, {"THUMBNAIL_ALIASES": aliases}, processors=PROCESSORS)
    url = show(app, "a.jpg", "hero", format=format)
    name = url.rpartition("/")[2]
    assert name.startswith("a_40x40_by-gray-corner_")
    assert (url.width, url.height) == (40, 30)
    image = open_image(place.read(name)).convert("RGB")
    assert min(image.getpixel((3, 3))) > 240  # type: ignore[arg-type]
    red, green, blue = image.getpixel((15, 20))  # type: ignore[misc]
    assert max(red, green, blue) - min(red, green, blue) < 12
    assert show(app, "a.jpg", "40x40", processors=["gray"]) != url


def test_processors_of_an_animation(
    disk: Place, image_file: ImageFile, open_image: OpenImage
) -> None:
    """Of an animation the first frame is processed, and is what the thumbnail shows."""
    rest = [Image.new("RGB", (80, 60), color) for color in ("lime", "white")]
    disk.save("a.gif", image_file(format="GIF", save_all=True, append_images=rest))
    app = app_of(disk, processors=PROCESSORS)
    show(app, "a.gif", "40x40", processors=["corner"])
    image = open_image(disk.read("a_40x40_by-corner_85.gif"))
    assert getattr(image, "n_frames", 1) == 1


def test_other_modes(disk: Place, image_file: ImageFile) -> None:
    """A lazy URL has its processors made; one of a processor that is gone is a 404."""
    disk.save("a.jpg", image_file())
    lazy = {"THUMBNAIL_MODE": "lazy"}
    url = show(app_of(disk, lazy, processors=PROCESSORS), "a.jpg", "40x40", processors=["gray"])
    assert app_of(disk, lazy, processors=PROCESSORS).test_client().get(url).status_code == 302
    assert disk.names() == ["a_40x40_by-gray_85.jpg"]
    assert app_of(disk, lazy).test_client().get(url).status_code == 404


def test_names() -> None:
    """A name contains its processors."""
    spec = parse_spec("40x40", {}, {"processors": ("gray", "corner2"), "upscale": True})
    name = thumbnail_name("d/a.png", spec)
    assert name == "d/a_40x40_upscale_by-gray-corner2_85.png"
    parsed = parse_thumbnail_name(name)
    assert parsed
    assert parsed[1].processors == spec.processors


def test_wrong_processors(disk: Place, image_file: ImageFile) -> None:
    """A name that the app does not have is refused, in an alias at the start; so is what returns no
    image of the same size.
    """
    disk.save("a.jpg", image_file())
    app = app_of(disk, processors={"none": lambda image: None, "half": lambda i: i.reduce(2)})
    for names, words in (
        (["grey"], "'grey' is not known"),
        ("gray", "must be a list of names"),
        ([7], "must be a list of names"),
    ):
        with pytest.raises(OptionError, match=words):
            show(app, "a.jpg", "40x40", processors=names)
    for name in ("none", "half"):
        with pytest.raises(ConfigError, match=rf"processors\['{name}'\] returned"):
            show(app, "a.jpg", "40x40", processors=[name])
    aliases = {"hero": {"size": "40x40", "processors": ["grey"]}}
    with pytest.raises(ConfigError, match="THUMBNAIL_ALIASES: 'hero': processors: 'grey'"):
        app_of(disk, {"THUMBNAIL_ALIASES": aliases})


@pytest.mark.parametrize(
    ("hooks", "words"),
    [
        ({"sources": [gray]}, "sources=.*must be a dict of functions by content types"),
        ({"sources": {"pdf": gray}}, "sources: 'pdf' is no key"),
        ({"sources": {"application/pdf": "gray"}}, r"sources\['application/pdf'\] must be a func"),
        ({"processors": {"Gray": gray}}, "processors: 'Gray' is no key"),
        ({"processors": {"gray": 7}}, r"processors\['gray'\] must be a function"),
    ],
)
def test_wrong_hooks(hooks: Any, words: str) -> None:
    """What is no function, or under a key that none can have, is refused."""
    with pytest.raises(ConfigError, match=words):
        Thumbnail(**hooks)
