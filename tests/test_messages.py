"""docs/messages.md has every message that visitors see, and each is one that they can use."""

import re
from functools import cache

import pytest
from layout import EXAMPLE, PACKAGES
from pages import DOCS
from visitor_messages import WORDS_JS, Message, messages

PAGE = DOCS / "messages.md"

#: Headings of tables whose messages a visitor never causes.
FOR_CLIENTS = "Answers to a client of your own"

#: Words of the inside, which help no visitor.
INSIDE = re.compile(
    r"\b(bucket|path|config\w*|settings?|token|exception|[A-Z]+_[A-Z_]+|[A-Z]\w+Error|None|bytes,)\b"
)


@cache
def shown() -> list[tuple[str, str, str]]:
    """The rows of the page: package, the heading right above, and message."""
    found = []
    package = heading = ""
    for line in PAGE.read_text().splitlines():
        if match := re.match(r"(##+) (.*)", line):
            heading = match[2]
            package = heading.replace("-", "_") if match[1] == "##" else package
        elif package in [*PACKAGES, EXAMPLE] and (cells := re.match(r"\| (.+?) \| ", line)):
            found.append((package, heading, cells[1]))
    return [row for row in found if row[2] not in ("message", "---")]


@cache
def of_code() -> list[Message]:
    return sorted(messages(), key=lambda message: message.place)


def test_every_kind_of_place_is_found() -> None:
    """Errors, aborts, forms' fields, scripts, templates and flashes all have some."""
    places = {message.place.rpartition("/")[2].split(":")[0] for message in of_code()}
    wanted = {"_rules.py", "_routes.py", "_form_files.py", "_checks.py", "words.js", "home.html"}
    assert wanted | {"gallery.py", "_serve.py", "errors.py", "quickstart.py"} <= places


@pytest.mark.parametrize("message", of_code(), ids=lambda message: message.text)
def test_the_page_has_the_message(message: Message) -> None:
    """A message of the code is in the table of its package."""
    rows = [text for package, _, text in shown() if package == message.package]
    assert any(map(message.fits, rows)), f"{message.place} is not in docs/messages.md"


@pytest.mark.parametrize(("package", "_heading", "text"), shown())
def test_the_code_has_the_message(package: str, _heading: str, text: str) -> None:
    """A row of the page is a message of its package."""
    assert any(one.fits(text) for one in of_code() if one.package == package)


def test_no_message_fits_everything() -> None:
    """A message has a word of its own, so that a row is one of few."""
    assert not [message for message in of_code() if not message.words]


@pytest.mark.parametrize(
    "text", sorted({text for _, heading, text in shown() if heading != FOR_CLIENTS})
)
def test_a_message_is_plain(text: str) -> None:
    """A message is short, begins like a sentence, begs for nothing, and names nothing inside."""
    assert len(text) <= 120
    assert not re.search(r"\bplease\b|!|\bsorry\b|\boops\b", text, re.IGNORECASE)
    assert not INSIDE.search(text)
    assert not re.search(r"\d{4,}", text), "numbers have commas, and sizes units"


def test_scripts_say_nothing_else() -> None:
    """No other module of the script has sentences for visitors."""
    for path in WORDS_JS.parent.glob("*.js"):
        if path in (WORDS_JS, WORDS_JS.parent / "styles.js"):
            continue
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        code = re.sub(r"new TypeError\(.*?\);", "", code)  # for who writes the page
        assert not re.findall(r"[\"`'][A-Z]\w+ \w+ [^\"`']*[\"`']", code), path.name
