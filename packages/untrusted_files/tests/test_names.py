"""What a client's file name becomes, and which extensions are in it."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from untrusted_files import (
    ArgumentError,
    clean_filename,
    extension_of,
    hidden_extension,
    runs_on_server,
)

NAMES = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("./\\ \0_-\u200c\u200d\u0301कि€:CON❤葛é\ufe0f\u034f\U000e0100"),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("cat.JPG", "cat.JPG"),
        ("My cat (1).PNG", "My_cat_1.PNG"),
        ("a b  c.tar.gz", "a_b_c.tar.gz"),
        ("C:\\Photos\\Grüße aus Köln!.JPG", "Grüße_aus_Köln.JPG"),
        ("../../etc/passwd", "passwd"),
        ("x/y.txt", "y.txt"),
        ("folder/evil.html/", "evil.html"),
        ("a\x00b\n.txt", "ab_.txt"),
        (".htaccess", "htaccess"),
        ("-rf.txt", "rf.txt"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("???.png", "file.png"),
        (" .png", "file.png"),
        ("€.日本", "file.日本"),
        (".png", "png"),
        ("\ud800.png", "png"),
        ("noextension", "noextension"),
        (".s3-saver-x.txt", "s3-saver-x.txt"),
    ],
)
def test_a_name_keeps_its_last_segment_and_what_is_safe_of_it(sent: str | None, name: str) -> None:
    """Folders and symbols go, spaces become underscores, and a name is never empty."""
    assert clean_filename(sent) == name


@pytest.mark.parametrize(
    "name",
    [
        "हिन्दी.pdf",
        "कि.pdf",
        "कु.pdf",
        "ภาษาไทย.pdf",
        "தமிழ்.pdf",
        "עִבְרִית.pdf",
        "العَرَبِيَّة.pdf",
        "မြန်မာ.pdf",
        "ខ្មែរ.pdf",
        "日本語.pdf",
        "한국어.pdf",
        "Ἑλληνική.pdf",
        "Việt.pdf",
        "می\u200cخواهم.pdf",
        "क्\u200dष.pdf",
        "葛\U000e0100飾.pdf",
    ],
)
def test_every_script_is_kept_whole_with_its_marks(name: str) -> None:
    """Letters, vowel signs, joiners within a word and variation selectors."""
    assert clean_filename(name) == name


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("e\u0301.txt", "é.txt"),
        ("e\u200b\u0301.txt", "é.txt"),
        ("日本\u202etxt.exe", "日本txt.exe"),
        ("a\u200cb\u200d.txt", "ab.txt"),
        ("日\u200c\u200c本.txt", "日\u200c本.txt"),
        ("\u0301a.txt", "a.txt"),
        ("\u3164.txt", "file.txt"),
        ("\u00ad.html", "file.html"),
        ("I❤\ufe0fNY.jpg", "INY.jpg"),
        ("日本❤\ufe0f.jpg", "日本.jpg"),
        ("1\ufe0f\u20e3.jpg", "1\u20e3.jpg"),
        ("évil.php\ufe0f", "évil.php"),
        ("evil.p\u034fhp", "evil.php"),
        ("evil.html\U000e0101", "evil.html"),
        ("evil.html\u180b", "evil.html"),
        ("é\ufe0f.svg\ufe0e\ufe0f", "é.svg"),
        ("ក\u17b4.txt", "ក.txt"),
        ("葛\U000e0100\U000e0101.txt", "葛\U000e0100.txt"),
        ("evil.html\U000e0068\U000e007f", "evil.html"),
    ],
)
def test_what_cannot_be_seen_is_removed(sent: str, name: str) -> None:
    """Names are composed; zero width characters, fillers and marks on nothing go."""
    assert clean_filename(sent) == name


@pytest.mark.parametrize(
    "sent",
    [
        "evil.html.", "evil.html..", "evil.html ", "evil.html\t", "evil.html\u00a0", "evil.html_",
        "evil.html;", "evil.html:", "evil.html?", "evil.html/", "evil.html/.", "evil.html/_",
        "evil.html\u200b", "evil.ht\u00adml", "evil.html. .", "evil.html::", "evil.html\u3164",
    ],
)  # fmt: skip
def test_what_is_judged_is_the_name_that_is_stored(sent: str) -> None:
    """Whatever hid the extension is gone from the clean name, and the extension can be seen."""
    assert extension_of(clean_filename(sent)) in ("html", "file", "")
    assert clean_filename(sent) in ("evil.html", "file")


@pytest.mark.parametrize(
    "name", ["CON", "nul.txt", "Com1.tar.gz", "lpt9", "COM¹.txt", "aux.", "lpt³", "COM0"]
)
def test_devices_of_windows_are_no_names(name: str) -> None:
    """They get an underscore in front, whatever extension follows."""
    assert clean_filename(name) == "_" + name.rstrip(".")
    assert clean_filename("console.txt") == "console.txt"


@pytest.mark.parametrize(
    "name", ["CONIN$", "conout$.txt", "COM1:", "prn:.txt", "C\u200bON", "NUL \u3164"]
)
def test_devices_of_windows_cannot_hide(name: str) -> None:
    """What is left when other characters are gone is no device either."""
    assert clean_filename(name).partition(".")[0] in (
        "CONIN",
        "conout",
        "_COM1",
        "_prn",
        "_CON",
        "_NUL",
    )


@pytest.mark.parametrize(
    "name", ["a" * 300 + ".txt", "日" * 300 + ".txt", "कि" * 300 + ".txt", "a." + "b" * 300]
)
def test_a_long_name_is_cut_between_letters(name: str) -> None:
    """It has at most 200 bytes of UTF-8, keeps its extension, and no letter loses its marks."""
    clean = clean_filename(name)

    assert 190 < len(clean.encode()) <= 200
    if name.endswith(".txt"):
        assert clean.endswith(".txt")
        assert clean.removesuffix(".txt") in name
        assert not clean.removesuffix(".txt").endswith("क")


def test_the_length_can_be_chosen() -> None:
    """In bytes; what is too short for any name is refused by the argument's name."""
    assert len(clean_filename("a" * 100 + ".jpeg", max_bytes=32)) <= 32
    with pytest.raises(ArgumentError, match="max_bytes must be 32 or more, got 3"):
        clean_filename("a.txt", max_bytes=3)


@pytest.mark.parametrize("middle", ["\u0315\u0300", "क\u200d", ".", " ", "?", "a", "\u0301"])
def test_a_name_without_end_keeps_its_extension(middle: str) -> None:
    """Of 200,000 characters the beginning and the end are looked at: it takes no longer."""
    clean = clean_filename("start" + middle * 100_000 + "end.jpg")
    assert clean.startswith("star")  # a letter goes with its marks, or not at all
    assert clean.endswith(".jpg")
    assert len(clean.encode()) <= 200


@given(NAMES)
@example("a/.\u0301")
@example("con._")
@example("O\u302e\U000e0100\u093c")
@example("O\u302e\u200d\u093c")
@example("\u0378.\u0301x")
def test_any_text_becomes_a_name_that_stays_as_it_is(sent: str) -> None:
    """Cleaning twice changes nothing, and every name can be a file's on any system."""
    name = clean_filename(sent)

    assert clean_filename(name) == name
    assert name == unicodedata.normalize("NFC", name)
    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set('/\\:*?"<>|\0 ')
    assert name[0] not in ".-"
    assert name[-1] != "."
    for before, char in itertools.pairwise(f".{name}"):
        assert char != "\u034f"
        assert char not in "\ufe0f\U000e0100" or unicodedata.category(before) == "Lo"
    assert not any(unicodedata.category(char) in ("Cc", "Co", "Cs", "Zs", "Zl") for char in name)


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.PNG", "png"), ("a", ""), ("a.tar.gz", "gz"), (".png", ""), ("x.y/z", ""), ("a.", "")],
)
def test_the_extension_is_what_follows_the_last_dot(name: str, extension: str) -> None:
    """In lower case; a name that begins with its only dot has none."""
    assert extension_of(name) == extension


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("evil.php.png", "php"),
        ("evil.PhTmL.png", "phtml"),
        ("evil.php7.png", "php7"),
        ("a.php\0.png", "php"),
        ("日本.php.png", "php"),
        ("evil.php .png", ""),
        ("evil.shtml.en", "shtml"),
        ("php.png", ""),
        ("evil.png", ""),
        ("a.phpx.png", ""),
        ("evil.php", ""),
        ("evil.jſp.png", "jſp"),
        ("evil.ph\ufe0fp.png", "php"),
    ],
)
def test_an_extension_that_another_hides_is_found(name: str, hidden: str) -> None:
    """Anywhere before the last, in any case."""
    assert hidden_extension(name) == hidden


@pytest.mark.parametrize(
    "name",
    ["a.php", "a.PHP5", "a.phtml", "a.jsp", "a.shtml", "a.php.", "a.cgi", "a.svc", "Web.Config"],
)
def test_what_a_server_may_run_is_known_by_the_stored_name(name: str) -> None:
    """By its last extension, once the name is clean."""
    assert runs_on_server(name)
    assert not runs_on_server(name + ".png")
    assert not runs_on_server("a.png")
