"""HEIF, with a plugin and without."""

import importlib.util
import struct
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import pi_heif  # type: ignore[import-untyped]
import pytest
from picture_samples import with_property
from PIL import Image

from untrusted_files.pictures import (
    BrokenPictureError,
    Limits,
    PictureError,
    PictureInfo,
    PictureTooLargeError,
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


def claiming(side: int) -> bytes:
    """Return the picture with a box that says another size than its stream."""
    place = HEIC.index(b"ispe") + 8
    return HEIC[:place] + struct.pack(">II", side, side) + HEIC[place + 8 :]


def with_parameters_inside(data: bytes) -> bytes:
    """Return a picture whose stream announces its size once more, and whose header does not."""
    start = data.index(b"\x42\x01\x01")  # the head of the unit, by ITU-T H.265
    (length,) = struct.unpack_from(">H", data, start - 2)
    unit = struct.pack(">I", length) + data[start : start + length]
    place = data.index(b"mdat") - 4
    (size,) = struct.unpack_from(">I", data, place)
    box = struct.pack(">I", size + len(unit)) + data[place + 4 :] + unit
    lengths = data.index(b"iloc") + 26
    out = bytearray(data[:place] + box)
    struct.pack_into(">I", out, lengths, struct.unpack_from(">I", data, lengths)[0] + len(unit))
    out[start] = 39 << 1  # another kind of unit
    return bytes(out)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (claiming(16), "a stream of 64x64 pixels"),
        (with_parameters_inside(claiming(16)), "a stream of 64x64 pixels"),
        (
            with_property(HEIC, b"auxC", bytes(4) + b"urn:mpeg:hevc:2015:auxid:1\0"),
            "transparency of 64x64 pixels",
        ),
    ],
    ids=["header", "stream", "transparency"],
)
def test_the_size_in_the_stream_of_a_heic_counts(data: bytes, what: str) -> None:
    """What a decoder will make counts: a HEIC of 58 kB took 900 MB for its transparency."""
    with pytest.raises(PictureTooLargeError) as found:
        check_picture(BytesIO(data), limits=Limits(max_decoded_pixels=64 * 64 - 1))
    assert (found.value.limit, found.value.value) == ("max_decoded_pixels", 64 * 64)
    assert found.value.reason.startswith(what)


def test_parameters_of_a_heic_are_read_in_full() -> None:
    """The size that is read is the one of the stream, and a size within the limit does no harm."""
    limits = Limits(max_decoded_pixels=64 * 64)
    assert check_picture(BytesIO(HEIC), limits=limits).width == 64
    assert read_info(BytesIO(with_parameters_inside(HEIC)), limits=limits).width == 64


def test_damaged_parameters_get_a_verdict() -> None:
    """Whatever is in the box of parameters, one of the two errors comes out, or a picture."""
    start = HEIC.index(b"hvcC") + 4
    for place in range(start, HEIC.index(b"ispe") - 8):
        for value in (0, 0x7F, 0xFF):
            with suppress(PictureError):
                check_picture(BytesIO(HEIC[:place] + bytes([value]) + HEIC[place + 1 :]))
