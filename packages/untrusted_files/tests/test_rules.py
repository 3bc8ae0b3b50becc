"""Which files are accepted, and what visitors read of the others."""

import io
import mimetypes
import struct
import sys
import zlib
from typing import IO, Any

import pytest
from PIL import Image
from samples_by_type import BINARY

from untrusted_files import (
    AUDIO,
    DOCUMENTS,
    PICTURES,
    TEXT,
    VIDEO,
    ArgumentError,
    BrokenPictureError,
    CheckedFile,
    MissingLibraryError,
    PictureTooLargeError,
    RejectedError,
    Rules,
    TooLargeError,
    WrongDimensionsError,
    WrongExtensionError,
    WrongTypeError,
    extensions_of,
)
from untrusted_files.pictures import Limits

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
IMAGES = Rules(types=("image/*",))
CHOOSE = "Choose a JPEG, PNG, WebP, AVIF or GIF."


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, format)
    return file.getvalue()


def check(rules: Rules, data: bytes, name: str) -> CheckedFile:
    return rules.check(io.BytesIO(data), name)


def test_a_file_of_the_largest_size_is_accepted() -> None:
    """One byte more is not, and the message has both sizes."""
    rules = Rules(max_bytes=1000)
    check(rules, bytes(1000), "a")
    with pytest.raises(
        TooLargeError, match=r"^This file is 1.001 kB; the limit is 1 kB\.$"
    ) as raised:
        check(rules, bytes(1001), "a")
    assert (raised.value.size, raised.value.max_bytes) == (1001, 1000)


@pytest.mark.parametrize(
    ("format", "name", "content_type"),
    [
        ("PNG", "a.png", "image/png"),
        ("JPEG", "a.jpg", "image/jpeg"),
        ("JPEG", "a.JFIF", "image/jpeg"),
        ("WEBP", "a.webp", "image/webp"),
        ("AVIF", "a.avif", "image/avif"),
        ("GIF", "a.gif", "image/gif"),
        ("BMP", "a.bmp", "image/bmp"),
        ("TIFF", "a.tiff", "image/tiff"),
    ],
)
def test_types_are_told_by_the_bytes(format: str, name: str, content_type: str) -> None:
    """The value that comes back has the clean name, the type and the size."""
    data = picture(format)
    checked = check(IMAGES, data, f"../{name} ")
    assert checked == CheckedFile(name=name, content_type=content_type, size=len(data))


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
def test_what_is_not_a_picture_is_refused(data: bytes, name: str) -> None:
    """HTML named .jpg, SVG with script, a polyglot named .js, bytes and names that disagree."""
    with pytest.raises(WrongTypeError):
        check(IMAGES, data, name)


@pytest.mark.parametrize(
    ("rules", "data", "name", "words"),
    [
        (PICTURES, b"%PDF-1.7\n", "a.pdf", f"This file is a PDF. {CHOOSE}"),
        (PICTURES, SVG, "a.svg", f"This file is an SVG. {CHOOSE}"),
        (PICTURES, b"\0\1\2", "a.png", CHOOSE),
        (
            PICTURES,
            picture("GIF"),
            "cat.jpg",
            "This file is a GIF, but its name says something else: rename it to cat.gif.",
        ),
        (IMAGES, b"a", "a.txt", "This file is a text file. Choose a picture."),
        (
            Rules(extensions=("pdf", "txt", "md")),
            b"",
            "a.exe",
            "Choose a file whose name ends in .pdf, .txt or .md.",
        ),
        (Rules(max_bytes=10), bytes(12_000), "a", "This file is 12 kB; the limit is 10 bytes."),
    ],
)
def test_messages_are_for_the_person_who_uploads(
    rules: Rules, data: bytes, name: str, words: str
) -> None:
    """Plain words, without wildcards, content types or names of libraries."""
    with pytest.raises(RejectedError) as raised:
        check(rules, data, name)
    assert str(raised.value) == words


def test_an_empty_file_is_called_so() -> None:
    """Unless it is text, which may be empty."""
    with pytest.raises(WrongTypeError, match=r"^This file is empty\. Choose a JPEG, PNG, WebP"):
        check(PICTURES, b"", "a.png")
    assert check(TEXT, b"", "a.txt").size == 0
    assert check(Rules(), b"", "a.png").size == 0


def test_a_family_is_one_kind_to_the_rules() -> None:
    """An iPhone's picture may be called .heif; a type that the bytes leave open is taken if the
    rules allow it."""
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
    assert check(Rules(types=("image/heic",)), heic, "x.heif").content_type == "image/heic"
    assert check(Rules(types=("image/heif",)), heic, "x.heif").content_type == "image/heif"


def test_svg_has_to_be_named() -> None:
    """A wildcard leaves out what can hold script; the type's own name lets it in."""
    assert check(Rules(types=("image/svg+xml",)), SVG, "a.svg").content_type == "image/svg+xml"


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        ("Straße;1\r\n".encode("cp1252"), "a.csv", "text/csv"),
        ("Grüße".encode(), "a.txt", "text/plain"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b"BEGIN:VCALENDAR\r\n", "a.ics", "text/calendar"),
        (b"\0\1\2", "a.txt", "application/octet-stream"),
        (b"PK\x05\x06" + bytes(18), "a.txt", "application/zip"),
    ],
)
def test_text_is_what_its_name_says(data: bytes, name: str, content_type: str) -> None:
    """If its bytes are text at all; what nobody knows is octets."""
    assert check(Rules(), data, name).content_type == content_type


def test_types_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a system's mime.types says of a name changes nothing."""
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".yaml", "application/x-machine")
    assert check(Rules(), b"a: 1", "a.yaml").content_type == "application/yaml"
    monkeypatch.setitem(mimetypes.types_map, ".unheard-of", "text/x-machine")
    assert check(Rules(), b"a: 1", "a.unheard-of").content_type == "text/plain"


def test_utf8_may_be_asked_for() -> None:
    """A table in an old encoding is text, but not UTF-8, wherever the first such byte is."""
    rules = Rules(types=("text/csv",), utf8=True)
    check(rules, ("ä;1\r\n" * 50_000).encode("utf-8-sig"), "a.csv")
    with pytest.raises(WrongTypeError, match="save it as UTF-8"):
        check(rules, b"a;1\r\n" * 50_000 + "ä".encode("cp1252"), "a.csv")


def test_extensions_are_compared_without_case_or_dot() -> None:
    """By the clean name: what hides the real extension is gone."""
    rules = Rules(extensions=(".JPG", "jpeg"))
    assert rules.extensions == ("jpg", "jpeg")
    check(rules, b"", "a.JPG")
    check(rules, b"", "a.jpg. ")
    with pytest.raises(WrongExtensionError) as raised:
        check(rules, b"", "a.jpg.exe")
    assert raised.value.extension == "exe"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (Rules(min_dimensions=(41, 30)), "This picture is 40 × 30 pixels; the minimum is 41 × 30."),
        (Rules(min_dimensions=(40, 31)), "the minimum is 40 × 31"),
        (Rules(max_dimensions=(39, 30)), "the maximum is 39 × 30"),
        (Rules(max_dimensions=(40, 29)), "the maximum is 40 × 29"),
    ],
)
def test_width_and_height_have_limits(rules: Rules, message: str) -> None:
    """Both are held to them, and come back with the rest."""
    checked = check(Rules(min_dimensions=(40, 30), max_dimensions=(40, 30)), picture(), "a.png")
    assert (checked.width, checked.height) == (40, 30)
    with pytest.raises(WrongDimensionsError, match=message) as raised:
        check(rules, picture(), "a.png")
    assert raised.value.dimensions == (40, 30)


def test_a_picture_is_measured_as_it_is_seen() -> None:
    """A photograph that a phone took upright, and stored lying, is as wide as it looks."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(file, "JPEG", exif=exif)
    checked = PICTURES.check(file, "a.jpg")
    assert (checked.width, checked.height) == (30, 40)


def test_what_a_picture_may_take_can_be_said() -> None:
    """Limits that are given go over the defaults, and are a part of the rules' value."""
    rules = PICTURES.replace(limits=Limits(max_pixels=1000))
    with pytest.raises(PictureTooLargeError) as raised:
        check(rules, picture(), "a.png")
    assert (raised.value.limit, raised.value.maximum) == ("max_pixels", 1000)
    assert rules == PICTURES.replace(limits=Limits(max_pixels=1000)) != PICTURES


def test_what_cannot_be_read_has_no_dimensions() -> None:
    """It is refused as a broken picture."""
    with pytest.raises(BrokenPictureError):
        check(Rules(max_dimensions=(10, 10)), b"\x89PNG\r\n\x1a\n", "a.png")


def test_a_bomb_is_not_decoded() -> None:
    """A picture that claims billions of pixels is refused by its header."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises((WrongDimensionsError, PictureTooLargeError)):
        check(Rules(max_dimensions=(5000, 5000)), data, "a.png")
    with pytest.raises(PictureTooLargeError):
        check(PICTURES, data, "a.png")


def test_a_picture_that_is_cut_off_is_refused() -> None:
    """Its header is good, so only decoding finds it."""
    data = picture("JPEG", (400, 300))[:-300]
    check(IMAGES, data, "a.jpg")
    with pytest.raises(BrokenPictureError):
        check(PICTURES, data, "a.jpg")


def test_the_stream_is_left_open_at_its_start() -> None:
    """After the check the file can be read from its first byte."""
    file = io.BytesIO(picture())
    PICTURES.check(file, "a.png")
    assert file.tell() == 0


def test_your_own_check_comes_last() -> None:
    """It sees the stream and what is known of it; its refusal is the upload's."""
    seen = []

    def scan(stream: IO[bytes], checked: CheckedFile) -> None:
        seen.append(checked)
        if b"EICAR" in stream.read():
            raise RejectedError("This file has a virus.")

    rules = Rules(max_bytes=100, check=scan)
    assert check(rules, b"good", "a.txt") == seen[0]
    with pytest.raises(RejectedError, match="has a virus"):
        check(rules, b"EICAR", "a.txt")
    with pytest.raises(TooLargeError):
        check(rules, bytes(101), "a.txt")
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"max_bytes": "5"}, "max_bytes must be a whole number of bytes .* got '5'"),
        ({"max_bytes": 5e6}, "got 5000000.0"),
        ({"max_bytes": True}, "got True"),
        ({"max_bytes": 0}, "from 1 up"),
        ({"types": "image/*"}, "types must be a tuple of str"),
        ({"types": None}, "types must be a tuple of str"),
        ({"types": (5,)}, "types must be a tuple of str"),
        ({"types": ("imag",)}, "types must be content types such as 'image/png'.* got 'imag'"),
        ({"types": ("*/*",)}, "got '\\*/\\*'"),
        ({"types": ("image/p*",)}, r"got 'image/p\*'"),
        ({"types": ("picture/*",)}, "'picture/\\*'"),
        ({"types": ("image/pngg",)}, "did you mean 'image/png'"),
        ({"types": ("text/unheard",)}, "got 'text/unheard'"),
        ({"types": ("application/q",)}, "use extensions instead"),
        ({"extensions": "jpg"}, "extensions must be a tuple of str"),
        ({"extensions": (5,)}, "extensions must be a tuple of str"),
        ({"extensions": ("*.jpg",)}, r"last dot .* got '\*.jpg'"),
        ({"extensions": ("tar.gz",)}, "last dot .* got 'tar.gz'"),
        ({"extensions": ("",)}, "got ''"),
        ({"max_dimensions": 5}, "max_dimensions must be width and height .* got 5"),
        ({"min_dimensions": ("5", 5)}, "min_dimensions must be width and height"),
        ({"max_dimensions": (0, 5)}, "max_dimensions must be width and height"),
        ({"min_dimensions": (9, 9), "max_dimensions": (9, 8)}, "min_dimensions .* not above"),
        ({"is_picture": 1}, "is_picture must be True or False, got 1"),
        ({"utf8": "yes"}, "utf8 must be True or False"),
        ({"check": "clamav"}, "check must be a function .* got 'clamav'"),
        ({"limits": 5}, "limits must be a pictures.Limits or None, got 5"),
        (
            {"types": ("image/png",), "extensions": ("jpg",)},
            r"extensions must be some .*got \('jpg',\)",
        ),
        ({"types": ("image/*", "video/*"), "utf8": True}, "utf8 must be False where no text"),
        ({"types": ("text/csv",), "is_picture": True}, "is_picture must be False .*'text/csv'"),
        ({"types": ("image/svg+xml",), "is_picture": True}, "is_picture must be False"),
    ],
)
def test_wrong_rules_are_refused_by_name(rules: dict[str, Any], message: str) -> None:
    """A rule of a wrong type, or that no file could keep, when it is made."""
    with pytest.raises(ArgumentError, match=message):
        Rules(**rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"types": ("image/png", "image/gif"), "extensions": ("jpg", "png")},
        {"types": ("application/zip",), "extensions": ("cbz",)},
        {"types": ("text/*", "image/png"), "utf8": True},
        {"types": ("application/json",), "utf8": True},
        {"types": ("image/*", "application/pdf"), "is_picture": True},
        {"extensions": ("pdf",), "is_picture": True},
    ],
)
def test_rules_that_some_file_keeps_are_taken(rules: dict[str, Any]) -> None:
    """Only what no file at all could keep is refused."""
    assert Rules(**rules).replace(max_bytes=5) == Rules(**rules, max_bytes=5)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("text/xml", "application/xml"),
        ("application/javascript", "text/javascript"),
        ("audio/x-wav", "audio/wav"),
        ("image/jpg", "image/jpeg"),
        ("video/x-matroska", "video/matroska"),
        ("image/x-icon", "image/vnd.microsoft.icon"),
    ],
)
def test_other_names_of_a_type_are_understood(written: str, found: str) -> None:
    """Old and common ones stand for the type that bytes are found to be."""
    assert Rules(types=(written,)) == Rules(types=(found,))


def test_equal_rules_are_equal_and_lists_become_tuples() -> None:
    """Lists do for tuples; equal rules are equal, and a changed copy leaves them as they are."""
    rules = Rules(types=["Image/PNG"], extensions=["PNG"], max_dimensions=[40, 30])  # type: ignore[arg-type]
    same = Rules(types=("image/png",), extensions=("png",), max_dimensions=(40, 30))
    assert rules == same
    assert hash(rules) == hash(same)
    smaller = PICTURES.replace(max_bytes=5)
    assert (smaller.max_bytes, smaller.types, smaller.is_picture) == (5, PICTURES.types, True)
    assert PICTURES.max_bytes == 25_000_000
    with pytest.raises(ArgumentError):
        PICTURES.replace(max_bytes=0)


def test_rules_that_need_pillow_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those for dimensions when they are made, the ready-made ones at their first check."""
    data = picture()
    for name in [name for name in sys.modules if name.startswith("untrusted_files.pictures")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("untrusted_files.pictures", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingLibraryError, match=r"max_dimensions .*'untrusted-files\[images\]'"):
        Rules(max_dimensions=(5, 5))
    with pytest.raises(MissingLibraryError, match=r"'untrusted-files\[images\]'"):
        check(PICTURES, data, "a.png")
    check(Rules(max_bytes=5), b"", "a")


def test_a_promise_is_held_to_the_same_rules() -> None:
    """Size, name and type that a browser announces, before it sends a byte."""
    PICTURES.check_promise("a.png", 5)
    with pytest.raises(WrongTypeError, match="Choose a JPEG"):
        PICTURES.check_promise("a.pdf", 5)
    with pytest.raises(TooLargeError):
        PICTURES.check_promise("a.png", 10**9)
    with pytest.raises(WrongExtensionError):
        Rules(extensions=("jpg",)).check_promise("a.png", 5)


def test_a_name_promises_each_type_of_its_family() -> None:
    """A voice memo may be called .webm; what the client believes counts for other names alone."""
    AUDIO.check_promise("memo.webm", 5, "video/webm")
    PICTURES.check_promise("picture", 5, "image/jpg")
    Rules().check_promise("x", 5)
    with pytest.raises(WrongTypeError, match="This file is a PDF"):
        PICTURES.check_promise("a.pdf", 5, "image/png")
    with pytest.raises(WrongTypeError, match="^Choose a JPEG"):
        PICTURES.check_promise("picture", 5)


def test_a_file_input_offers_what_is_accepted() -> None:
    """By types, and by the extensions that some systems know alone."""
    accept = Rules(types=("image/jpeg",), extensions=("jpe",)).accept().split(",")
    assert accept[:3] == ["image/jpeg", ".jpe", ".jpg"]
    assert Rules(types=("image/*",)).accept() == "image/*"
    assert Rules().accept() == ""


@pytest.mark.parametrize("content_type", [*BINARY])
def test_every_type_may_be_asked_for(content_type: str) -> None:
    """A rule for it takes a file of it under its usual name, and nothing else."""
    rules = Rules(types=(content_type,))
    name = f"a.{extensions_of(content_type)[0]}"
    assert check(rules, BINARY[content_type], name).content_type == content_type
    with pytest.raises(WrongTypeError):
        check(rules, bytes(100), name)


@pytest.mark.parametrize("rules", [PICTURES, DOCUMENTS, AUDIO, VIDEO, TEXT])
def test_ready_made_rules_can_be_met(rules: Rules) -> None:
    """Each type that they accept has a usual name, which they accept, too."""
    for content_type in rules.types:
        if not content_type.endswith("/*"):
            name = f"a.{extensions_of(content_type)[0]}"
            rules.check_promise(name, 1)


@pytest.mark.parametrize("filename", [None, ""])
def test_a_file_without_a_name_gets_one_by_its_bytes(filename: str | None) -> None:
    """No name says nothing wrong: of a bare stream the bytes alone are judged."""
    checked = PICTURES.check(io.BytesIO(picture()), filename)
    assert (checked.name, checked.content_type) == ("file.png", "image/png")
    assert Rules().check(io.BytesIO(b"\0\1"), filename).name == "file"
    with pytest.raises(WrongTypeError, match="is an HTML page"):
        PICTURES.check(io.BytesIO(b"<!doctype html>"), filename)


def test_pictures_do_not_ask_phones_for_heic() -> None:
    """A page whose input names no HEIC gets JPEGs from iPhones, and HEIC is refused before it is
    sent; what is named so and is an AVIF is one.
    """
    accepted = PICTURES.accept().split(",")
    assert {".avif", ".jpg", ".jpeg", ".png"} <= {*accepted}
    assert not {".heic", ".heif", ".hif"} & {*accepted}
    assert ".heic" in Rules(types=("image/heic",)).accept().split(",")
    with pytest.raises(WrongTypeError, match=r"is a HEIC\. Choose a JPEG"):
        PICTURES.check_promise("a.heic", 1000, "image/heic")
    PICTURES.check_promise("a.heic", 1000, "image/avif")
    PICTURES.check_promise("a.heic", 1000)
