"""The admin: rows with a picture, a file, many pictures."""

import re
from pathlib import Path

from example_app.guessing import PER_ACCOUNT
from playwright.sync_api import expect

from browser.site import ADMIN_EMAIL
from browser.visit import Visit


def save(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Save", exact=True).click()


def edit_first(visit: Visit) -> None:
    visit.page.locator("td").get_by_role("link", name="Edit").first.click()


def original(visit: Visit) -> str:
    """Return the URL to which the form's preview leads."""
    return str(visit.page.locator(".image-thumbnail a").first.evaluate("a => a.href"))


def delete_first(visit: Visit) -> None:
    visit.page.once("dialog", lambda dialog: dialog.accept())
    visit.page.locator("td").get_by_role("button", name="Delete").first.click()
    expect(visit.page.get_by_text("Record was successfully deleted.")).to_be_visible()


def test_strangers(visit: Visit) -> None:
    """Strangers are asked to sign in; a wrong password is refused with a message."""
    visit.open("admin/picture/")
    expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.page.get_by_label("Email").fill("somebody@example.com")
    visit.page.get_by_label("Password", exact=True).fill("wrong")
    visit.page.get_by_role("button", name="Sign in").click()
    expect(visit.page.locator("main")).to_contain_text("password")
    visit.screenshot("login-refused")


def test_guesses(visit: Visit) -> None:
    """After too many guesses the page asks to wait, and links back to the form."""
    for _ in range(PER_ACCOUNT.free + 4):  # some may be slower than the first wait is long
        visit.open("login")
        visit.page.get_by_label("Email").fill("guessed@example.com")
        visit.page.get_by_label("Password", exact=True).fill("a guess")
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.locator("main")).to_contain_text(re.compile("password|Too many attempts"))
    expect(visit.page.get_by_role("heading")).to_contain_text("Too many attempts to sign in")
    assert visit.violations() == []
    visit.screenshot("login-too-many")
    visit.page.get_by_role("link", name="Back to the page").click()
    expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.forgive("429")


def test_picture(visit: Visit, jpegs: list[Path]) -> None:
    """A row with a picture is made, shows its preview, gets another picture, and is deleted with
    its file.
    """
    visit.sign_in()
    visit.open("admin/picture/new/")
    visit.page.get_by_label("Title").fill("A picture")
    visit.page.locator("input[type=file]").set_input_files(jpegs[0])
    save(visit)
    expect(visit.page.get_by_text("Record was successfully created.")).to_be_visible()
    visit.wait_for_pictures()
    visit.screenshot("admin-list")

    edit_first(visit)
    expect(visit.page.locator(".image-thumbnail img").first).to_be_visible()
    visit.wait_for_pictures()
    old = original(visit)
    assert visit.bytes_of(old) == jpegs[0].read_bytes()
    visit.screenshot("admin-edit")
    visit.page.locator("input[type=file]").set_input_files(jpegs[1])
    save(visit)
    expect(visit.page.get_by_text("Record was successfully saved.")).to_be_visible()
    assert visit.is_gone(old)

    edit_first(visit)
    new = original(visit)
    assert visit.bytes_of(new) == jpegs[1].read_bytes()
    visit.open("admin/picture/")
    delete_first(visit)
    assert visit.is_gone(new)


def test_without_script(scriptless: Visit, jpegs: list[Path]) -> None:
    """Without JavaScript a row is made, edited and deleted as well."""
    scriptless.sign_in()
    scriptless.open("admin/picture/new/")
    scriptless.page.get_by_label("Title").fill("A picture")
    scriptless.page.locator("input[type=file]").set_input_files(jpegs[0])
    save(scriptless)
    expect(scriptless.page.get_by_text("Record was successfully created.")).to_be_visible()
    edit_first(scriptless)
    scriptless.page.get_by_label("Title").fill("Another title")
    save(scriptless)
    expect(scriptless.page.locator("td.col-title").first).to_contain_text("Another title")
    scriptless.page.locator("td").get_by_role("button", name="Delete").first.click()
    expect(scriptless.page.get_by_text("Record was successfully deleted.")).to_be_visible()


def test_keyboard(visit: Visit) -> None:
    """Somebody without a mouse signs in, makes a row, deletes it and signs out."""
    page = visit.page
    visit.open("login")
    visit.tab_to(page.get_by_label("Email"))
    page.keyboard.type(ADMIN_EMAIL)
    visit.tab_to(page.get_by_label("Password", exact=True))
    page.keyboard.type(visit.site.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/**")
    visit.open("admin/album/new/")
    visit.tab_to(page.get_by_label("Title"))
    page.keyboard.type("Empty")
    visit.tab_to(page.get_by_role("button", name="Save", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Record was successfully created.")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    visit.tab_to(page.locator("td").get_by_role("button", name="Delete").first)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Record was successfully deleted.")).to_be_visible()
    visit.tab_to(page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thingy")).to_be_visible()


def test_redisplay(visit: Visit, jpegs: list[Path]) -> None:
    """A form that comes back because of another field still has the chosen picture."""
    visit.sign_in()
    visit.open("admin/picture/new/")
    visit.page.locator("input[type=file]").set_input_files(jpegs[0])
    title = visit.page.get_by_label("Title")
    title.evaluate("input => { input.required = false; input.removeAttribute('required') }")
    save(visit)
    expect(visit.page.locator(".direct-upload-files > *")).to_have_count(1)
    visit.screenshot("admin-redisplay")
    title.fill("Now it has one")
    save(visit)
    expect(visit.page.get_by_text("Record was successfully created.")).to_be_visible()
    edit_first(visit)
    assert visit.bytes_of(original(visit)) == jpegs[0].read_bytes()
    visit.open("admin/picture/")
    delete_first(visit)


def test_refusal(visit: Visit, not_a_picture: Path) -> None:
    """A file that is not a picture is refused with a message in the field, and no row is made."""
    visit.sign_in()
    visit.open("admin/picture/new/")
    visit.page.get_by_label("Title").fill("Not a picture")
    visit.page.locator("input[type=file]").set_input_files(not_a_picture)
    save(visit)
    expect(visit.page.locator(".help-block, .invalid-feedback").first).to_be_visible()
    assert visit.violations() == []
    visit.screenshot("admin-refused")
    visit.open("admin/picture/")
    expect(visit.page.get_by_text("Not a picture")).to_have_count(0)


def test_document(visit: Visit, tmp_path: Path) -> None:
    """A file shows its name and size, and its link downloads it."""
    path = tmp_path / "日本.txt"
    path.write_text("konnichiwa")
    visit.sign_in()
    visit.open("admin/document/new/")
    visit.page.get_by_label("Title").fill("A text")
    visit.page.locator("input[type=file]").set_input_files(path)
    save(visit)
    expect(visit.page.get_by_text("Record was successfully created.")).to_be_visible()
    edit_first(visit)
    link = visit.page.locator("main a", has_text="日本.txt")
    expect(visit.page.locator("main")).to_contain_text("(10 bytes)")
    assert visit.bytes_of(str(link.evaluate("a => a.href"))) == b"konnichiwa"
    visit.screenshot("admin-document")
    visit.open("admin/document/")
    delete_first(visit)


def test_album(visit: Visit, jpegs: list[Path]) -> None:
    """An album takes many pictures at once; one is moved, another removed."""
    visit.sign_in()
    visit.open("admin/album/new/")
    visit.page.get_by_label("Title").fill("Holiday")
    visit.page.locator("input[type=file]").set_input_files(jpegs)
    save(visit)
    expect(visit.page.get_by_text("Record was successfully created.")).to_be_visible()
    edit_first(visit)
    images = visit.page.locator("li.image-thumbnail img")
    expect(images).to_have_count(3)
    visit.wait_for_pictures()
    visit.screenshot("admin-album")
    names = [image.get_attribute("alt") for image in images.all()]
    visit.page.get_by_role("spinbutton").nth(0).fill("3")
    visit.page.get_by_role("spinbutton").nth(2).fill("1")
    visit.page.locator("li.image-thumbnail input[type=checkbox]").nth(1).check()
    save(visit)
    expect(visit.page.get_by_text("Record was successfully saved.")).to_be_visible()
    edit_first(visit)
    expect(images).to_have_count(2)
    assert [image.get_attribute("alt") for image in images.all()] == [names[2], names[0]]
    visit.open("admin/album/")
    delete_first(visit)
