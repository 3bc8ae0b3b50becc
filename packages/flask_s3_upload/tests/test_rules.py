"""Which files are accepted, and what is said of the others."""

import io
import mimetypes
import sys
from typing import Any

import pytest
from sent_files import picture

from flask_s3_upload import (
    ConfigError,
    Rules,
    TooLargeError,
    WrongDimensionsError,
    WrongExtensionError,
    WrongTypeError,
)
from flask_s3_upload._rules import human_size

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
IMAGES = Rules(types=("image/*",))


def check(rules: Rules, data: bytes, name: str) -> str | None:
    return rules.check(io.BytesIO(data), name)


def test_size() -> None:
    """The limit itself is allowed; one byte more is not, and the message has both sizes."""
    rules = Rules(max_bytes=1000)
    check(rules, bytes(1000), "a")
    with pytest.raises(TooLargeError, match=r"has 1 kB; 1 kB is the limit") as raised:
        check(rules, bytes(1001), "a")
    assert (raised.value.size, raised.value.max_bytes) == (1001, 1000)


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (picture(), "a.png", "image/png"),
        (picture("JPEG"), "a.jpg", "image/jpeg"),
        (picture("JPEG"), "a.JPEG", "image/jpeg"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (picture("GIF"), "a.gif", "image/gif"),
        (picture("BMP"), "a.bmp", "image/bmp"),
        (picture("TIFF"), "a.tiff", "image/tiff"),
    ],
)
def test_types_are_sniffed(data: bytes, name: str, content_type: str) -> None:
    """A picture's type is told by its bytes."""
    assert check(IMAGES, data, name) == content_type


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<!doctype html><script>alert(1)</script>", "a.jpg"),
        (b"<html>", "a.html"),
        (SVG, "a.svg"),
        (SVG, "a.png"),
        (b"alert(1)", "a.js"),
        (b"GIF89a=1;alert(1)", "a.js"),
        (b"%PDF-1.7", "a.png"),
        (picture("GIF"), "a.jpg"),
        (picture("JPEG"), "a.png"),
        (picture(), "a"),
        (picture(), "a.php"),
        (picture(), "a.png.html"),
        (b"", "a.png"),
        (b"\x89PN", "a.png"),
    ],
)
def test_what_is_no_picture(data: bytes, name: str) -> None:
    """HTML named .jpg, SVG with script, a polyglot named .js, bytes and names that disagree: none
    passes for a picture."""
    with pytest.raises(WrongTypeError):
        check(IMAGES, data, name)


def test_svg_has_to_be_named() -> None:
    """A wildcard leaves out what can hold script; the type's own name lets it in."""
    assert check(Rules(types=("image/svg+xml",)), SVG, "a.svg") == "image/svg+xml"


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        ("Grüße".encode(), "a.txt", "text/plain"),
        (b'{"a": 1}', "a.json", "application/json"),
        (("ä" * 8000).encode(), "a.txt", "text/plain"),
        (b"BMW", "a.txt", "text/plain"),
        (b"\0\1\2", "a.txt", None),
        (b"\xff\xfe\xfd", "a.csv", None),
        (b"PK\x03\x04" + bytes(30), "a.txt", "application/zip"),
    ],
)
def test_text_has_no_signature(data: bytes, name: str, content_type: str | None) -> None:
    """Text is what its name says, if its bytes are text at all."""
    assert check(Rules(), data, name) == content_type


def test_types_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a system's mime.types says of a name changes nothing."""
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".yaml", "application/x-machine")
    assert check(Rules(), b"a: 1", "a.yaml") == "application/yaml"
    monkeypatch.setitem(mimetypes.types_map, ".unheard-of", "text/x-machine")
    assert check(Rules(), b"a: 1", "a.unheard-of") is None


def test_extensions() -> None:
    """Extensions are compared without case or dot, and the message lists what is allowed."""
    rules = Rules(extensions=(".JPG", "jpeg"))
    assert rules.extensions == ("jpg", "jpeg")
    check(rules, b"", "a.JPG")
    with pytest.raises(WrongExtensionError, match=r"\.jpg, \.jpeg") as raised:
        check(rules, b"", "a.jpg.exe")
    assert raised.value.extension == "exe"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (Rules(min_dimensions=(41, 30)), "40 × 30 pixels; 41 × 30 is the least"),
        (Rules(min_dimensions=(40, 31)), "40 × 31 is the least"),
        (Rules(max_dimensions=(39, 30)), "39 × 30 is the most"),
        (Rules(max_dimensions=(40, 29)), "40 × 29 is the most"),
    ],
)
def test_dimensions(rules: Rules, message: str) -> None:
    """Width and height are both held to their limits."""
    check(Rules(min_dimensions=(40, 30), max_dimensions=(40, 30)), picture(), "a.png")
    with pytest.raises(WrongDimensionsError, match=message) as raised:
        check(rules, picture(), "a.png")
    assert raised.value.dimensions == (40, 30)


def test_dimensions_of_what_is_no_picture() -> None:
    """What cannot be read as a picture has none, and is refused."""
    with pytest.raises(WrongDimensionsError, match="not a picture"):
        check(Rules(max_dimensions=(10, 10)), b"\x89PNG\r\n\x1a\n", "a.png")


def test_a_bomb_is_not_decoded() -> None:
    """A picture that claims billions of pixels is refused by its header."""
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    data += struct.pack(">I", zlib.crc32(chunk)) + bytes(16)
    with pytest.raises(WrongDimensionsError):
        check(Rules(max_dimensions=(5000, 5000)), data, "a.png")


def test_the_file_is_left_at_its_start() -> None:
    """After the check the file can be read from its first byte."""
    file = io.BytesIO(picture())
    Rules(max_dimensions=(100, 100), types=("image/*",)).check(file, "a.png")
    assert file.tell() == 0


def test_a_stream_that_cannot_be_rewound() -> None:
    """A pipe cannot be checked and stored: code is told so."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(ValueError, match="rewound"):
        Rules().check(Pipe(b"x"), "a")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"max_bytes": "5"}, "max_bytes must be an int, such as 10_000_000, got '5'"),
        ({"max_bytes": 5e6}, "got 5000000.0"),
        ({"max_bytes": True}, "got True"),
        ({"max_bytes": 0}, "max_bytes must be 1 or more"),
        ({"types": "image/*"}, "types must be a tuple of str"),
        ({"types": None}, "types must be a tuple of str"),
        ({"types": (5,)}, "types must be a tuple of str"),
        ({"types": ("imag",)}, "types must be content types such as 'image/png'.* got 'imag'"),
        ({"types": ("*/*",)}, "got '\\*/\\*'"),
        ({"types": ("image/p*",)}, r"got 'image/p\*'"),
        ({"types": ("image/jpg",)}, "'image/jpg', which .* did you mean 'image/jpeg'"),
        ({"types": ("text/xml",)}, "'text/xml', an old name: write 'application/xml'"),
        ({"types": ("picture/*",)}, "'picture/\\*'"),
        ({"types": ("font/woff2",)}, "allow extensions"),
        ({"extensions": "jpg"}, "extensions must be a tuple of str"),
        ({"extensions": (5,)}, "extensions must be a tuple of str"),
        ({"extensions": ("*.jpg",)}, r"last dot .* got '\*.jpg'"),
        ({"extensions": ("tar.gz",)}, "last dot .* got 'tar.gz'"),
        ({"extensions": ("",)}, "got ''"),
        ({"max_dimensions": 5}, "max_dimensions must be width and height .* got 5"),
        ({"min_dimensions": ("5", 5)}, "min_dimensions must be width and height"),
        ({"max_dimensions": (0, 5)}, "max_dimensions must be width and height"),
        ({"min_dimensions": (9, 9), "max_dimensions": (9, 8)}, "min_dimensions .* above"),
    ],
)
def test_impossible_rules(rules: dict[str, Any], message: str) -> None:
    """A rule of a wrong type, or that no file could keep, is refused by name when it is made."""
    with pytest.raises((TypeError, ValueError), match=message):
        Rules(**rules)


def test_rules_may_be_lists() -> None:
    """Lists do for tuples, and types are compared without case."""
    rules = Rules(types=["Image/PNG"], extensions=["PNG"], max_dimensions=[40, 30])  # type: ignore[arg-type]
    assert check(rules, picture(), "a.png") == "image/png"
    assert hash(rules) == hash(
        Rules(types=("image/png",), extensions=("png",), max_dimensions=(40, 30))
    )


def test_dimensions_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules for dimensions say what to install when they are made, not by the first picture."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ConfigError, match=r"max_dimensions .*'flask-s3-upload\[images\]'"):
        Rules(max_dimensions=(5, 5))
    Rules(max_bytes=5)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1500, "1.5 kB"),
        (2_000_000, "2 MB"),
        (5 * 10**12, "5 TB"),
    ],
)
def test_sizes_as_people_read_them(size: int, words: str) -> None:
    """Sizes in messages are short."""
    assert human_size(size) == words
