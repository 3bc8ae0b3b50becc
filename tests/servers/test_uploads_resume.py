"""An upload goes on after the page was loaded again: the same file is chosen, and what has arrived
is not sent another time."""

from pathlib import Path

import pytest

from servers.uploads_album import HOLD, Page, finish
from servers.webdriver import Browser

pytestmark = pytest.mark.servers


def choose(browser: Browser, path: Path) -> None:
    browser.until("document.querySelector('[data-direct-upload=on]')")
    browser.type("input[type=file]", str(path))


def test_parts_go_on(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """After a reload the element says which file was not finished; chosen again, it goes on with
    the parts that are missing."""
    page.failing = {"part": [422]}
    browser.open(page.url)
    choose(browser, pictures[2])
    browser.until("document.querySelector('li.is-failed')")
    assert page.asked("part") == 2
    browser.open(page.url)
    said = browser.until("document.querySelector('[role=status]').textContent")
    assert said.startswith("Not finished before this page was loaded again: big.png.")
    choose(browser, pictures[2])
    browser.until("document.querySelector('li.is-done')")
    assert (page.asked("sign"), page.asked("arrived"), page.asked("part")) == (1, 1, 3)
    finish(browser, page)
    with page.storage.open("album/big.png") as file:
        assert file.read() == pictures[2].read_bytes()


@pytest.mark.parametrize("number", [0, 2])
def test_what_is_there_is_not_sent_again(
    browser: Browser, page: Page, pictures: list[Path], number: int
) -> None:
    """Of a file that has arrived in full, nothing is sent after a reload, until it was claimed;
    then the same file is a new upload."""
    for signed, claimed in ((1, False), (1, True), (2, True)):
        browser.open(page.url)
        choose(browser, pictures[number])
        browser.until("document.querySelector('li.is-done')")
        assert page.asked("sign") == signed
        assert page.asked("part") == (2 * signed if number else 0)
        if claimed:
            finish(browser, page)
    assert [stored["size"] for stored in page.album] == [pictures[number].stat().st_size] * 2


@pytest.mark.parametrize("page", ["disk"], indirect=True)
def test_another_file_of_the_same_name(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """A file that was changed before it was chosen again begins from the start."""
    page.failing = {"part": [422]}
    browser.open(page.url)
    choose(browser, pictures[2])
    browser.until("document.querySelector('li.is-failed')")
    data = pictures[2].read_bytes()
    pictures[2].write_bytes(data[:-1] + b"x")
    browser.open(page.url)
    choose(browser, pictures[2])
    browser.until("document.querySelector('li.is-done')")
    assert (page.asked("sign"), page.asked("arrived")) == (2, 0)
    finish(browser, page)
    with page.storage.open("album/big.png") as file:
        assert file.read() == data[:-1] + b"x"


@pytest.mark.parametrize("page", ["disk"], indirect=True)
def test_what_was_removed_is_forgotten(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """A file that was taken away does not go on when it is chosen again, and nor does one whose
    token is no longer accepted."""
    browser.open(page.url)
    choose(browser, pictures[0])
    browser.until("document.querySelector('li.is-done')")
    browser.click("li button[aria-label^=Remove]")
    choose(browser, pictures[0])
    browser.until("document.querySelector('li.is-done')")
    assert (page.asked("sign"), page.asked("arrived")) == (2, 0)
    page.failing = {"arrived": [403]}
    browser.open(page.url)
    choose(browser, pictures[0])
    browser.until("document.querySelector('li.is-done')")
    assert (page.asked("sign"), page.asked("arrived")) == (3, 1)


@pytest.mark.parametrize("page", ["disk"], indirect=True)
def test_a_file_that_is_chosen_twice(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """The same file, chosen twice in one page, is two uploads, and after an error of the form,
    which shows both, a third."""
    browser.open(page.url)
    for count in (1, 2):
        choose(browser, pictures[0])
        browser.until(f"document.querySelectorAll('li.is-done').length === {count}")
    browser.run("document.querySelector('form').submit()")  # without its title
    browser.until("document.querySelectorAll('li.is-done').length === 2")
    choose(browser, pictures[0])
    browser.until("document.querySelectorAll('li.is-done').length === 3")
    assert page.asked("sign") == 3
    finish(browser, page)
    assert len({stored["name"] for stored in page.album}) == 3


@pytest.mark.parametrize("page", ["disk"], indirect=True)
def test_a_file_that_is_chosen_again_on_its_way(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """The same file, chosen while it is on its way, is an upload of its own."""
    browser.open(page.url)
    browser.run(HOLD, "part")
    for count in (1, 2):
        choose(browser, pictures[2])
        browser.until(f"document.querySelectorAll('li').length === {count}")
        while page.asked("sign") < count:
            assert page.asked("arrived") == 0
    browser.run("release()")
    browser.until("document.querySelectorAll('li.is-done').length === 2")
    finish(browser, page)
    assert len({stored["name"] for stored in page.album}) == 2
