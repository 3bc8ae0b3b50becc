"""Which names a type may bear, and which type a name stands for."""

import pytest
from samples_by_type import SAMPLES

from untrusted_files import canonical_type, extensions_of, fits_name, name_for, types_of_name
from untrusted_files._families import is_text_type, known_types, type_of_name
from untrusted_files._other_names import OTHER_EXTENSIONS
from untrusted_files._table import EXTENSIONS

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_every_extension_stands_for_one_type() -> None:
    """No extension is in the table twice, and none has a dot or capitals."""
    extensions = [one for names in EXTENSIONS.values() for one in names.split()]
    assert len(extensions) == len(set(extensions))
    assert all(one.isalnum() and one == one.lower() for one in extensions)


def test_every_type_is_spelled_in_one_way() -> None:
    """Types of the tables are their own canonical spelling."""
    assert [one for one in known_types() if canonical_type(one) != one] == []


def test_every_type_has_a_usual_name() -> None:
    """No type is known that no file could bear the name of."""
    assert all(extensions_of(one) for one in known_types())
    assert set(OTHER_EXTENSIONS) <= {*EXTENSIONS, "audio/3gpp", "audio/3gpp2"}


def test_every_type_is_text_or_has_a_sample() -> None:
    """Whatever a rule may ask for can be met: each type that is no text has a file in the tests."""
    assert {one for one in known_types() if not is_text_type(one)} <= {*SAMPLES}


@pytest.mark.parametrize(
    ("content_type", "names"),
    [
        ("image/jpeg", "a.jpg a.JPEG a.jpe a.jfif a.pjpeg a.pjp"),
        ("image/png", "a.png a.apng"),
        ("image/heic", "a.heic a.heif a.HIF"),
        ("image/heif", "a.heic a.heif"),
        ("image/avif", "a.avif a.avifs"),
        ("audio/mp4", "a.m4a a.m4b a.mp4"),
        ("audio/3gpp", "a.3gp a.m4a"),
        ("video/mp4", "a.mp4 a.m4v a.mov a.3gp"),
        ("video/quicktime", "a.mov a.mp4 a.qt"),
        ("video/3gpp", "a.3gp a.mp4"),
        ("audio/webm", "a.weba a.webm"),
        ("video/webm", "a.webm a.mkv"),
        ("audio/matroska", "a.mka a.mkv"),
        ("audio/ogg", "a.ogg a.oga a.opus"),
        ("video/ogg", "a.ogv a.ogg"),
        ("image/tiff", "a.tif a.tiff"),
        (DOCX, "a.docx a.zip"),
        ("application/epub+zip", "a.epub a.zip"),
        ("text/rtf", "a.rtf a.doc"),
        ("text/plain", "a.txt a.csv a.json a.ts a.pot id_rsa.pub"),
        ("text/html", "a.html a.htm a.txt"),
        ("application/xml", "a.xml a.gpx a.txt"),
    ],
)
def test_names_of_a_family_fit(content_type: str, names: str) -> None:
    """All names of a family fit, in any case; they stay as they are."""
    for name in names.split():
        assert fits_name(content_type, name), name
        assert name_for(content_type, name) == name


@pytest.mark.parametrize(
    ("content_type", "name", "needed"),
    [
        ("image/png", "cat.jpg", "cat.png"),
        ("image/jpeg", "cat.PNG", "cat.jpg"),
        ("image/png", "cat", "cat.png"),
        ("image/png", "v1.2", "v1.2.png"),
        ("image/png", "evil.php", "evil.png"),
        ("image/png", "cat.html", "cat.png"),
        ("text/html", "cat.png", "cat.html"),
        ("text/plain", "a.html", "a.txt"),
        ("text/plain", "a.svg", "a.txt"),
        ("text/plain", "README", "README.txt"),
        ("image/svg+xml", "a.html", "a.svg"),
        ("application/zip", "a.docx", "a.zip"),
        ("application/msword", "a.docx", "a.doc"),
        (DOCX, "a.doc", "a.docx"),
        (XLSX, "a.docx", "a.xlsx"),
        ("application/vnd.ms-word.document.macroEnabled.12", "a.docx", "a.docm"),
        ("video/matroska", "a.webm", "a.mkv"),
        ("audio/mp4", "a.mp3", "a.m4a"),
        ("video/mp4", "a.m4a", "a.mp4"),
        ("audio/ogg", "a.ogv", "a.ogg"),
        ("application/unheard-of", "a.jpg", "a.jpg"),
    ],
)
def test_name_for_what_does_not_fit(content_type: str, name: str, needed: str) -> None:
    """A name of another kind of file does not fit; the one that is needed keeps the stem."""
    assert not fits_name(content_type, name)
    assert name_for(content_type, name) == needed


@pytest.mark.parametrize(
    ("alias", "content_type"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("text/html; charset=utf-8", "text/html"),
        ("audio/x-wav", "audio/wav"),
        ("application/javascript", "text/javascript"),
        ("text/xml", "application/xml"),
        ("video/x-matroska", "video/matroska"),
        ("image/x-icon", "image/vnd.microsoft.icon"),
        ("image/apng", "image/png"),
        (
            "application/vnd.ms-excel.sheet.macroenabled.12",
            "application/vnd.ms-excel.sheet.macroEnabled.12",
        ),
        ("application/unheard-of", "application/unheard-of"),
    ],
)
def test_other_spellings_of_a_type_mean_the_same_type(alias: str, content_type: str) -> None:
    """Old and wrong names of a type mean the same as its own, and have the same extensions."""
    assert canonical_type(alias) == content_type
    assert extensions_of(alias) == extensions_of(content_type)


def test_types_of_a_name() -> None:
    """A name may stand for more than one type; the one by its extension comes first."""
    assert types_of_name("voice.webm") == ("video/webm", "audio/webm")
    assert types_of_name("a.HEIC")[0] == "image/heic"
    assert "image/heif" in types_of_name("a.heic")
    assert types_of_name("a.unheard-of") == types_of_name("README") == ()


def test_every_extension_fits_its_own_type() -> None:
    """What a name stands for fits it."""
    for content_type, extensions in EXTENSIONS.items():
        for extension in extensions.split():
            assert type_of_name(f"a.{extension}") == content_type
            assert fits_name(content_type, f"a.{extension}")


@pytest.mark.parametrize(
    "content_type",
    ["application/geo+json", "application/unheard-of+xml", "text/calendar", "application/sql"],
)
def test_which_types_are_text(content_type: str) -> None:
    """Text is text/, +xml, +json, and what is listed; RTF is none, as it has a signature."""
    assert is_text_type(content_type)
    assert not is_text_type("text/rtf")
    assert not is_text_type("image/png")
