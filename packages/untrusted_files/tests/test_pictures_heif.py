"""HEIF, with a plugin and without."""

import importlib.util
import sys
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO

import pi_heif  # type: ignore[import-untyped]
import pytest
from PIL import Image

from untrusted_files.pictures import (
    BrokenPictureError,
    PictureInfo,
    Resize,
    check_picture,
    read_info,
    render,
)

# 64x32 pixels, red on the left and blue on the right, by libheif; decoders alone are allowed here.
HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAACUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "AA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw"
    "AAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFz"
    "wIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAIAAAAAEAAAAAAAAA"
    "Av///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAC1tZGF0AAAAISgBrxmA70mlv//i"
    "hh/5rWv+v7IX//LxJ34ken/W5ENtbw=="
)


@pytest.fixture
def unregistered() -> Iterator[None]:
    """Let Pillow forget a plugin that a test before has registered."""
    known = Image.OPEN.pop("HEIF", None)
    if known:
        Image.ID.remove("HEIF")
    yield
    if known and "HEIF" not in Image.OPEN:
        Image.ID.append("HEIF")
        Image.OPEN["HEIF"] = known


@pytest.mark.usefixtures("unregistered")
def test_a_heic_is_read_where_a_plugin_is_installed() -> None:
    """A HEIC is shown where a plugin is installed; nothing has to register it."""
    assert read_info(BytesIO(HEIC)) == PictureInfo("HEIF", 64, 32, 1)
    made = Image.open(BytesIO(render(BytesIO(HEIC), Resize(width=32), "png").data)).convert("RGB")
    assert made.size == (32, 16)
    for x, color in ((4, (255, 0, 0)), (28, (0, 0, 255))):
        pixel = made.getpixel((x, 8))
        assert isinstance(pixel, tuple)
        assert all(abs(a - b) < 40 for a, b in zip(pixel, color, strict=True))


@pytest.mark.usefixtures("unregistered")
def test_plugin_of_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever plugin an app has registered with Pillow is used, and no other is looked for."""
    pi_heif.register_heif_opener()
    for name in ("pi_heif", "pillow_heif"):
        monkeypatch.setitem(sys.modules, name, None)
    assert check_picture(BytesIO(HEIC)) == PictureInfo("HEIF", 64, 32, 1)


@pytest.mark.usefixtures("unregistered")
def test_a_heic_without_a_plugin_is_refused_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a plugin a HEIC is refused, and both the visitor and the developer learn what to
    do.
    """
    for name in ("pi_heif", "pillow_heif"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BrokenPictureError) as found:
        read_info(BytesIO(HEIC))
    assert str(found.value) == (
        "HEIC pictures cannot be shown. Choose a JPEG, PNG, WebP, AVIF or GIF."
    )
    assert "pip install 'untrusted-files[heic]'" in found.value.reason


def test_plugin_is_a_test_requirement() -> None:
    """The tests run with a plugin."""
    assert importlib.util.find_spec("pi_heif")


def test_a_heic_is_refused_where_heif_is_not_allowed() -> None:
    """A HEIC is refused by name where HEIF is not asked for."""
    with pytest.raises(BrokenPictureError, match="^HEIC pictures cannot be shown"):
        read_info(BytesIO(HEIC), formats=("JPEG",))


def test_a_truncated_heic_is_refused() -> None:
    """A HEIC that ends early is refused."""
    for part in (40, 300, len(HEIC) - 20):
        with pytest.raises(BrokenPictureError):
            render(BytesIO(HEIC[:part]), Resize(width=32), "jpeg")
