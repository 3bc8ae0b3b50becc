"""Originals that are SVG: shown as they are, in the size that is asked for."""

from typing import Any

import pytest
from flask import Flask, render_template_string
from markupsafe import escape
from thumbnail_place import Place

from flask_thumbnails_s3 import StorageFailedError, Thumbnail, ThumbnailUrl

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>'


def show(app: Flask, *arguments: Any, filter: str = "thumbnail", **options: Any) -> Any:
    with app.test_request_context():
        return app.jinja_env.filters[filter](*arguments, **options)


def original_url(place: Place, name: str) -> str:
    return place.original_url(name)


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
@pytest.mark.parametrize(
    ("size", "options", "expected"),
    [
        ("200x100", {}, (200, 100)),
        ("200x", {}, (200, None)),
        ("x100", {}, (None, 100)),
        ("20x20", {"crop": "fit", "format": "webp"}, (20, 20)),
    ],
)
def test_own_url(
    mode: str,
    size: str,
    options: dict[str, Any],
    expected: tuple[int | None, int | None],
    place: Place,
) -> None:
    """An SVG gives its own URL, with the size that was asked for; nothing is read or made."""
    place.save("d/logo.SVG", SVG)
    url: ThumbnailUrl = show(place.app(THUMBNAIL_MODE=mode), "d/logo.SVG", size, **options)
    assert url.startswith(original_url(place, "d/logo.SVG"))
    assert (url.width, url.height) == expected
    assert not url.stands_in
    assert not place.calls


def test_picture(place: Place) -> None:
    """A picture of an SVG is its <img> alone: its URL is of no other format."""
    app = place.app()
    url = escape(show(app, "logo.svg", "200x100"))
    picture = show(app, "logo.svg", "200x100", filter="thumbnail_picture", attrs={"alt": "Logo"})
    assert picture == (
        f'<picture><img src="{url}" srcset="{url} 1x" width="200" height="100" alt="Logo">'
        "</picture>"
    )
    assert not place.calls


@pytest.mark.parametrize(("options", "descriptor"), [({}, "1x"), ({"widths": (300, 600)}, "300w")])
def test_srcset(options: dict[str, Any], descriptor: str, place: Place) -> None:
    """A srcset of an SVG has one candidate, which does for all."""
    app = place.app()
    srcset = show(app, "logo.svg", "200x100", filter="thumbnail_srcset", **options)
    assert srcset == f"{show(app, 'logo.svg', '200x100')} {descriptor}"


def test_size_in_template(disk: Place) -> None:
    """A side that the shape of an SVG decides is left to the browser."""
    template = "{{ 'logo.svg'|thumbnail_picture('200x') }}"
    with disk.app().test_request_context():
        html = render_template_string(template)
    assert 'width="200"' in html
    assert "height" not in html


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
def test_placeholder(mode: str, place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A setting makes an SVG the placeholder, without a line in the log."""
    app = place.app(THUMBNAIL_MODE=mode, THUMBNAIL_SVG="placeholder")
    url = show(app, "logo.svg", "200x100")
    assert url.startswith("data:image/svg+xml,")
    assert url.stands_in
    assert show(app, "logo.svg", "200x100", filter="thumbnail_srcset") == ""
    assert not place.calls
    assert not caplog.records


@pytest.mark.parametrize("image", ["../logo.svg", "/logo.svg", "https://example.com/logo.svg"])
def test_unsafe_name(image: str, place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A name of an SVG that no file can have gives the placeholder, and one line in the log."""
    assert show(place.app(), image, "20x20").stands_in
    assert len(caplog.records) == 1


def test_generate(place: Place) -> None:
    """There is nothing to generate of an SVG, and nothing to delete."""
    place.save("logo.svg", SVG)
    extension = Thumbnail(storage_for=place.counted)
    with place.app(thumbnail=extension).app_context():
        assert extension.generate("logo.svg", ["20x20", {"size": "40x40", "format": "webp"}]) == []
        assert extension.delete("logo.svg") == []
    assert place.count("open") == place.count("save") == 0


def test_private_bucket(s3: Place) -> None:
    """The URL of an SVG in a private bucket is signed."""
    app = s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=True)
    url = show(app, "logo.svg", "20x20")
    assert url.startswith(original_url(s3, "logo.svg"))
    assert "X-Amz-Signature=" in url


def test_nothing_to_sign_with(disk: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Without credentials for a private bucket an SVG fails as other images do."""
    app = disk.app(
        thumbnail=Thumbnail(),
        THUMBNAIL_S3_STORAGE_TYPE="s3",
        THUMBNAIL_S3_BUCKET_NAME="bucket",
        THUMBNAIL_S3_REGION="eu-north-1",
        THUMBNAIL_S3_PRIVATE=True,
    )
    assert show(app, "logo.svg", "20x20").stands_in
    assert "no thumbnail of 'logo.svg' on bucket 'bucket'" in caplog.text
    app.config["THUMBNAIL_ON_ERROR"] = "raise"
    strict = disk.app(thumbnail=Thumbnail(), **app.config)
    with pytest.raises(StorageFailedError):
        show(strict, "logo.svg", "20x20")
