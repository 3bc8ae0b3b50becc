"""What a browser may do with a file."""

import mimetypes

import pytest

from untrusted_files import is_active, is_active_name, is_shown_inline, response_headers


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", "image/svg+xml",
        "image/svg", "text/xml", "application/xml", "application/unheard-of+xml", "text/xsl",
        "application/xslt+xml", "application/rss+xml", "application/mathml+xml", "message/rfc822",
        "multipart/related", "multipart/x-mixed-replace", "application/rdf+xml", "a/xml", "",
        "unknown/unknown", "*/*", "html", "text/x-component", "application/x-shockwave-flash",
    ],
)  # fmt: skip
def test_types_that_may_run_script_are_not_shown_inline(content_type: str) -> None:
    """HTML, all XML, MHTML, and what browsers guess about, may run script; none is shown inline."""
    assert is_active(content_type)
    assert not is_shown_inline(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain", "application/pdf", "image/png", "text/css", "application/json", "font/woff",
        "application/octet-stream", "application/vnd.oasis.opendocument.text",
    ],
)  # fmt: skip
def test_types_that_are_not_active(content_type: str) -> None:
    """Other types run no script."""
    assert not is_active(content_type)


@pytest.mark.parametrize(
    "extension",
    [
        "html",
        "htm",
        "HTML",
        "xht",
        "xhtml",
        "xhtm",
        "shtml",
        "svg",
        "svgz",
        "xml",
        "xsl",
        "xslt",
        "rdf",
        "wsdl",
        "xpdl",
        "atom",
        "rss",
        "mht",
        "mhtml",
        "htc",
        "mathml",
        "mml",
        "kml",
        "gpx",
        "xspf",
        "smil",
        "xul",
        "xsd",
        "html.gz",
        "svg.gz",
        "xml.br",
        "xhtml.xz",
        "html.gz.gz",
        "xlf",
        "dae",
        "eml",
        "hta",
        "swf",
        "opf",
        "rng",
    ],
)
def test_names_that_servers_send_as_active_types_are_active(extension: str) -> None:
    """Names that some server sends as an active type are active, packed ones too."""
    assert is_active_name(f"evil.{extension}")
    assert is_active_name(f"a/b.c/evil.{extension}")


@pytest.mark.parametrize(
    "name",
    ["a.html.old", "a.html.de", "a.svg.bak.2", "a.xhtml.unheard-of", "a.html.gz.old", "a.php.orig"],
)
def test_active_names_behind_unknown_extensions(name: str) -> None:
    """Apache passes over what it does not know, and sends the file by the extension before."""
    assert is_active_name(name)
    assert not is_active_name(name + ".png")


def test_active_names_by_what_will_be_stored() -> None:
    """Names count as they are and as they are when cleaned."""
    for name in (
        "evil.html.",
        "evil.html ",
        "evil.ht\xadml",
        "evil.svg_",
        ".html",
        "evil.html\0",
        "evil.ht\ufe0fml",
        "evil.ſvg",
    ):
        assert is_active_name(name)


@pytest.mark.parametrize(
    "name", ["a.png", "a.svg.png", "html", "", "a.txt", "a.csv.gz", "xml.txt", "a.docx"]
)
def test_names_that_are_not_active(name: str) -> None:
    """The last extension counts, and packing is seen through."""
    assert not is_active_name(name)


def test_active_names_know_what_python_knows() -> None:
    """Whatever Python's own table, and so Flask, sends as an active type is known."""
    types = mimetypes.MimeTypes().types_map
    for extension, content_type in {**types[0], **types[1]}.items():
        if is_active(content_type):
            assert is_active_name(f"evil{extension}"), extension


@pytest.mark.parametrize(
    "content_type", ["image/png", "audio/mpeg", "video/mp4", "application/pdf", "text/plain"]
)
def test_headers_of_what_is_shown(content_type: str) -> None:
    """Pictures, sound, films, PDF and plain text are shown, and nothing is sniffed."""
    headers = response_headers(content_type, "a.bin")
    assert headers["Content-Type"].startswith(content_type)
    assert headers["Content-Disposition"] == 'inline; filename="a.bin"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers.get("Content-Security-Policy", "")
    assert policy.startswith("default-src 'none'") is (content_type != "application/pdf")
    assert policy.endswith("; sandbox") is content_type.startswith(("image/", "text/"))
    assert ("media-src 'self'" in policy) is content_type.startswith(("audio/", "video/"))


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        ("text/html", "application/octet-stream"),
        ("application/xml", "application/octet-stream"),
        ("application/javascript", "application/octet-stream"),
        ("text/css", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("image/svg+xml", "image/svg+xml"),
        ("application/zip", "application/zip"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv; charset=cp1252", "text/csv; charset=cp1252"),
    ],
)
def test_headers_of_what_is_not_shown_make_a_download(content_type: str, sent: str) -> None:
    """The rest is a download; what could be the source of a script has no type that allows it."""
    headers = response_headers(content_type, "a.bin")
    assert headers["Content-Type"] == sent
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "content_type",
    ["image/png\r\nX: y", "image/<b>", "image/a b", "image/é", "image/png/x", "image/png\0"],
)
def test_headers_of_what_is_no_type(content_type: str) -> None:
    """What is no content type by the standard is octets to download, and never in a header."""
    assert not is_shown_inline(content_type)
    headers = response_headers(content_type)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment"


def test_a_parameter_breaks_no_header() -> None:
    """Parameters are kept only where they are printable."""
    sent = response_headers("text/plain; charset=utf-16")["Content-Type"]
    assert sent == "text/plain; charset=utf-16"
    sent = response_headers("text/plain; charset=x\r\nX: y")["Content-Type"]
    assert sent == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("", "attachment"),
        ("a b.zip", 'attachment; filename="a b.zip"'),
        ("../../etc/a.zip", 'attachment; filename="a.zip"'),
        ("C:\\a.zip", 'attachment; filename="a.zip"'),
        ("Grüße.zip", "attachment; filename=\"Gr__e.zip\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.zip"),
        ('a".zip', "attachment; filename=\"a_.zip\"; filename*=UTF-8''a%22.zip"),
        ("a\r\nX: y.zip", 'attachment; filename="aX: y.zip"'),
        ("a\ud800.zip", 'attachment; filename="a.zip"'),
    ],
)
def test_no_filename_breaks_out_of_content_disposition(name: str, disposition: str) -> None:
    """Names are sent as RFC 6266 has it; none breaks out of its quotes or its header."""
    assert response_headers("application/zip", name)["Content-Disposition"] == disposition
