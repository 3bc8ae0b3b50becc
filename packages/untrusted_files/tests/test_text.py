"""Text, its encodings, and what is HTML or XML whatever its name says."""

import io

import pytest

from untrusted_files import is_utf8, sniff_content_type

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def sniff(data: bytes, name: str = "") -> str | None:
    return sniff_content_type(io.BytesIO(data), name)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a;b\r\n1;2\r\n",
        "Straße;1\r\n".encode(),
        "\ufeffStraße;1\r\n".encode(),
        "Straße;1\r\n".encode("cp1252"),
        "Straße;1\r\n".encode("utf-16"),
        "Straße;1\r\n".encode("utf-16-be").join((b"\xfe\xff", b"")),
        "日本,語,ソ\r\n".encode("cp932"),
        "日本,語\r\n".encode("iso-2022-jp"),
        "Привет\n".encode("koi8-r"),
        b"a;b\r\n\x1a",
        b"page\x0cpage\n",
        ("ü" * 70_000).encode("cp1252"),
        b"x" * 65_535 + "ü".encode(),
        "ü".encode("utf-16") * 1 + "x".encode("utf-16-le") * 40_000,
        b"\x1b[31mred\x1b[0m\n",
    ],
)
def test_text_under_a_name_of_text(data: bytes) -> None:
    """All encodings in which people save text are text, if the name says so."""
    for name, content_type in (
        ("a.csv", "text/csv"),
        ("a.txt", "text/plain"),
        ("a.ics", "text/calendar"),
        ("a.geojson", "application/geo+json"),
        ("a.gpx", "application/gpx+xml"),
        ("a.sql", "application/sql"),
    ):
        assert sniff(data, name) == content_type


@pytest.mark.parametrize(
    "data",
    [
        b"text\0",
        b"\x00t\x00e\x00x\x00t",
        b"text\x1amore",
        b"text\x07",
        "Straße\x0b".encode("cp1252"),
        b"\xff\xfea\0\0\0",
        b"\xff\xfe\0\0a\0\0\0",
        b"\xff\xfe\x00\xd8a\0",
        b"\xff\xfea",
        b"\x80\x81\x82\x7f",
    ],
)
def test_bytes_with_control_characters_are_no_text(data: bytes) -> None:
    """Control bytes are in no text, but for those of a layout and Ctrl-Z at the very end."""
    assert sniff(data, "a.csv") is None


def test_text_without_a_name() -> None:
    """Without the name of a kind of text only Unicode is text: other bytes may be anything."""
    assert sniff("Straße".encode()) == sniff("Straße".encode("utf-16")) == "text/plain"
    assert sniff(b"text", "a.png") == sniff(b"text", "README") == "text/plain"
    assert sniff("Straße".encode("cp1252")) is None
    assert sniff("Straße".encode("cp1252"), "a.png") is None


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.pdf", "a", "", "a.unheard-of"])
@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"<!DOCTYPE html><html></html>", "text/html"),
        (b"<!doctype HTML>", "text/html"),
        (b"\n\t <HTML>", "text/html"),
        (b"\xef\xbb\xbf<html>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"<img src=x onerror=alert(1)>", "text/html"),
        (b"<!-- a comment --><p>", "text/html"),
        (b"<html>\0binary", "text/html"),
        ("<html>".encode("utf-16"), "text/html"),
        ("<html>".encode("utf-16-le"), "text/html"),
        ("<img src=x>".encode("utf-16-le"), "text/html"),
        ("<!DOCTYPE html>".encode("utf-16-be"), "text/html"),
        (b"<plaintext>", "text/html"),
        (b"<TEMPLATE/x>", "text/html"),
        (
            b"<!DOCTYPE a [<!ENTITY b 'c'> <!ENTITY d SYSTEM 'e'>]>\n" + SVG.encode(),
            "image/svg+xml",
        ),
        (b"<!DOCTYPE a><html>", "text/html"),
        (b'<a.b xmlns="http://www.w3.org/1999/xhtml"><script/></a.b>', "application/xml"),
        (b"<unheard\n xmlns:h = 'http://www.w3.org/1999/xhtml'/>", "application/xml"),
        (
            b"X-Mailer: x\r\nFrom: a\r\nContent-Type: multipart/related; boundary=x\r\n",
            "message/rfc822",
        ),
        (
            b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
            "application/xhtml+xml",
        ),
        (b'<?xml version="1.0"?><!DOCTYPE html>', "application/xhtml+xml"),
        (SVG.encode(), "image/svg+xml"),
        (b"<!-- a comment -->" + SVG.encode(), "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "" "">' + SVG.encode(), "image/svg+xml"),
        (b'<x:svg xmlns:x="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (('<?xml version="1.0"?>' + SVG).encode("utf-16"), "image/svg+xml"),
        (b'<?xml version="1.0"?><xsl:stylesheet/>', "application/xslt+xml"),
        (b'<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>', "application/xml"),
        (b'<?xml version="1.0"?><rss/>', "application/rss+xml"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "application/atom+xml"),
        (
            b"From: <Saved by Blink>\r\nContent-Type: multipart/related; boundary=x\r\n",
            "message/rfc822",
        ),
    ],
)
def test_markup_by_its_bytes(data: bytes, content_type: str, name: str) -> None:
    """HTML, XML and MHTML are known by their bytes under any name that is no kind of text."""
    assert sniff(data, name) == content_type


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md", "a.json", "a.svg", "a.xml"])
def test_markup_under_a_name_of_text(name: str) -> None:
    """Under the name of a kind of text markup is what the name says: it is sent as that."""
    expected = {
        "a.txt": "text/plain", "a.csv": "text/csv", "a.md": "text/markdown",
        "a.json": "application/json", "a.svg": "image/svg+xml", "a.xml": "application/xml",
    }  # fmt: skip
    assert sniff(SVG.encode(), name) == expected[name]


@pytest.mark.parametrize(
    "data",
    [
        b"<",
        b"<3",
        b"< html>",
        b"a <html>",
        b"<?php echo 1;",
        b"<unheard>",
        b"<unheard a='xmlns'>",
        b"<!DOCTYPE a [",
        b"Note: multipart/related",
    ],
)
def test_text_with_an_angle_bracket_is_no_markup(data: bytes) -> None:
    """Text with an angle bracket is text."""
    assert sniff(data) == "text/plain"


@pytest.mark.parametrize(
    ("data", "is_right"),
    [
        (b"", True),
        ("ü".encode() * 100_000, True),
        (b"x" + "ü".encode() * 100_000, True),
        ("\ufeffx".encode(), True),
        (b"x" * 100_000 + "ü".encode("cp1252"), False),
        (b"x" * 65_535 + "ü".encode()[:1], False),
        ("ü".encode("utf-16"), False),
    ],
)
def test_is_utf8_reads_the_whole_file_however_it_is_chunked(data: bytes, is_right: bool) -> None:
    """All of the file is looked at, however its chunks are cut; the stream is left at its start."""
    stream = io.BytesIO(data)
    assert is_utf8(stream) is is_right
    assert stream.tell() == 0
