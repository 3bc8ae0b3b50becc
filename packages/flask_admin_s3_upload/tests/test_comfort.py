"""What makes the forms pleasant: previews, pending uploads, links, lists."""

import inspect
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite, Page
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.form import SecureForm  # type: ignore[import-untyped]
from flask_wtf.file import FileRequired
from itsdangerous import TimestampSigner
from pictures import opened, picture
from places import DiskPlace, Place, S3Place
from sqlalchemy import JSON
from wtforms.validators import DataRequired, InputRequired

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
    S3MultipleImageUploadField,
    s3_link_formatter,
    s3_thumbnail_formatter,
)
from s3_saver import LocalStorage, StorageUnavailableError
from s3_saver.testing import MemoryStorage

TRACKED = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}
INVALID = ""  # no title


def fetch(site: AdminSite, place: Place, url: str) -> bytes:
    """What a browser gets."""
    if url.startswith("/"):
        response = site.client.get(url)
        assert response.status_code == 200, url
        content: bytes = response.data
        response.close()
        return content
    from urllib.request import urlopen

    with urlopen(url) as answer:
        found: bytes = answer.read()
        return found


def test_the_preview_is_the_thumbnail_and_can_be_fetched(make_site: MakeSite, place: Place) -> None:
    """Not the full image; from a private bucket by a signed URL."""
    options = {**place.options, "thumbnail_size": (2, 2, True), "url_relative_path": "uploads/"}
    site = make_site(S3ImageUploadField, options)
    site.new(file=("cat.png", picture(size=(20, 20))))

    (url,) = site.form().pictures

    assert opened(fetch(site, place, url)).size == (2, 2)
    assert ("X-Amz-Signature" in url) == (place.storage_type == "s3")


@pytest.mark.servers
def test_a_private_file_is_shown_by_a_signed_url_only(make_site: MakeSite, s3: S3Place) -> None:
    """The server refuses the same URL without its signature (FA#1404)."""
    import urllib.error
    import urllib.request

    site = make_site(S3ImageUploadField, s3.options)
    site.new(file=("cat.png", picture()))
    (url,) = site.form().pictures

    assert fetch(site, s3, url) == picture()
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(url.partition("?")[0])
    refused.value.close()


def test_signed_urls_are_made_when_the_page_is(make_site: MakeSite, s3: S3Place) -> None:
    """Nothing of a signature is stored: the row has the name alone."""
    site = make_site(S3ImageUploadField, s3.options)
    site.new(file=("cat.png", picture()))

    assert site.value() == "cat.png"
    assert "X-Amz-Date" in site.form().pictures[0]


def test_a_cdn_or_a_public_acl_needs_no_signature(make_site: MakeSite, s3: S3Place) -> None:
    """The CDN's host stands in for the bucket's."""
    site = make_site(S3ImageUploadField, {**s3.options, "cdn_domain": "cdn.example.com"})
    site.new(file=("cat.png", picture()))
    assert site.form().pictures == ["https://cdn.example.com/static/uploads/cat.png"]

    public = make_site(S3ImageUploadField, {**s3.options, "acl": "public-read"})
    public.new(file=("dog.png", picture()))
    (url,) = public.form().pictures
    assert "?" not in url
    assert url.endswith(f"{s3.bucket_name}/static/uploads/dog.png")


def test_the_preview_survives_an_error_elsewhere(make_site: MakeSite, place: Place) -> None:
    """The stored picture, its delete box and its name are still in the form."""
    options = {**place.options, "url_relative_path": "uploads/"}
    site = make_site(S3ImageUploadField, options)
    site.new(file=("cat.png", picture()))

    page = Page.of(site.edit(INVALID))

    assert len(page.pictures) == 1
    assert page.inputs("file")[0] == "cat.png"
    assert page.find("input", name="_file-delete")


def test_the_preview_survives_a_refused_upload(make_site: MakeSite, place: Place) -> None:
    """What was stored is still shown next to the error."""
    site = make_site(S3ImageUploadField, place.options)
    site.new(file=("cat.png", picture()))

    page = Page.of(site.edit(file=("cat.gif", b"no picture")))

    assert len(page.pictures) == 1


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_chosen_upload_survives_an_error_elsewhere(
    make_site: MakeSite, place: Place, field_class: Any
) -> None:
    """Fixing the other field is enough: the file is stored as if chosen now, and no longer
    pending.
    """
    site = make_site(field_class, {**place.options, **TRACKED})
    page = Page.of(site.new(INVALID, ("cat.png", picture())))
    (token,) = page.inputs("_file-pending")
    assert [name[:9] for name in place.names()] == [".pending/"]

    assert site.new("right", extra={"_file-pending": token}).status_code == 302

    assert site.value() == "cat.png"
    assert place.names() == ["cat.png"]
    assert place.read("cat.png") == picture()


def test_a_chosen_upload_survives_a_failing_database(make_site: MakeSite, place: Place) -> None:
    """It is put aside under its own name when the row could not be saved."""
    options = {**place.options, "relative_path": "pics/"}
    site = make_site(S3ImageUploadField, options)
    repair = site.fail_commits()
    page = Page.of(site.new(file=("cat.png", picture())))
    (token,) = page.inputs("_file-pending")
    repair()

    site.new(extra={"_file-pending": token})

    assert site.value() == "pics/cat.png"
    assert place.names() == ["pics/cat.png"]


def test_a_chosen_upload_survives_several_errors(make_site: MakeSite, place: Place) -> None:
    """It is stored once, and its token goes from form to form."""
    site = make_site(S3FileUploadField, place.options)
    (token,) = Page.of(site.new(INVALID, ("a.txt", b"a"))).inputs("_file-pending")
    (again,) = Page.of(site.new(INVALID, extra={"_file-pending": token})).inputs("_file-pending")

    assert len(place.names()) == 1
    site.new("right", extra={"_file-pending": again})
    assert place.names() == ["a.txt"]


def test_a_newly_chosen_file_wins_over_the_pending_one(make_site: MakeSite, place: Place) -> None:
    """What was put aside is left to be pruned."""
    site = make_site(S3FileUploadField, place.options)
    (token,) = Page.of(site.new(INVALID, ("a.txt", b"a"))).inputs("_file-pending")

    site.new("right", ("b.txt", b"b"), extra={"_file-pending": token})

    assert site.value() == "b.txt"


def test_a_pending_picture_is_shown(make_site: MakeSite, place: Place) -> None:
    """So that one sees that it need not be chosen again."""
    site = make_site(S3ImageUploadField, {**place.options, "url_relative_path": "uploads/"})

    (url,) = Page.of(site.new(INVALID, ("cat.png", picture()))).pictures

    assert fetch(site, place, url) == picture()


def test_a_refused_upload_is_not_kept(make_site: MakeSite, place: Place) -> None:
    """Nothing is stored of what the field itself refuses."""
    site = make_site(S3FileUploadField, place.options)

    page = Page.of(site.new(INVALID, ("a.pdf", b"no pdf")))

    assert page.inputs("_file-pending") == []
    assert place.names() == []


def gone(response: Any) -> bool:
    return "The file that was chosen before is gone:" in response.text


def test_a_token_is_good_in_its_own_browser_only(make_site: MakeSite, place: Place) -> None:
    """Another user cannot attach the upload with it (rails#41413)."""
    site = make_site(S3FileUploadField, place.options)
    (token,) = Page.of(site.new(INVALID, ("a.txt", b"a"))).inputs("_file-pending")
    other = AdminSite(site.app, site.db, site.Thing, site.view)

    assert gone(other.new(extra={"_file-pending": token}))
    assert site.row() is None


def test_a_token_is_good_for_its_own_form_only(make_site: MakeSite, place: Place) -> None:
    """One of the create form is refused by the edit form."""
    site = make_site(S3FileUploadField, place.options)
    site.insert(title="one")
    (token,) = Page.of(site.new(INVALID, ("a.txt", b"a"))).inputs("_file-pending")

    assert gone(site.edit(extra={"_file-pending": token}))


def test_a_forged_token_is_refused(make_site: MakeSite, place: Place) -> None:
    """As is one whose file was pruned."""
    site = make_site(S3FileUploadField, place.options)
    (token,) = Page.of(site.new(INVALID, ("a.txt", b"a"))).inputs("_file-pending")

    assert gone(site.new(extra={"_file-pending": "x" + token}))
    for name in place.names():
        place.delete(name)
    assert gone(site.new(extra={"_file-pending": token}))


def test_a_token_ends_after_a_day(
    make_site: MakeSite, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second more, and the file has to be chosen again."""
    site = make_site(S3FileUploadField, place.options)
    (token,) = Page.of(site.new(INVALID, ("a.txt", b"a"))).inputs("_file-pending")
    now = TimestampSigner.get_timestamp
    day = int(timedelta(days=1).total_seconds())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + day + 2)

    assert gone(site.new(extra={"_file-pending": token}))


def test_the_form_is_shown_while_the_storage_is_down(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """The other inputs survive; the log says that the file did not."""

    class Down(MemoryStorage):
        def save(self, *args: Any, **kwargs: Any) -> Any:
            raise StorageUnavailableError("down")

    site = make_site(S3FileUploadField, {"storage": Down()})

    page = Page.of(site.new(INVALID, ("a.txt", b"a")))

    assert page.inputs("_file-pending") == []
    assert "shown without the chosen file 'a.txt'" in caplog.text


def test_an_editor_reads_that_the_storage_fails(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """In words, and without internals, which are one line of the log; no row is made."""

    class Down(MemoryStorage):
        def save(self, *args: Any, **kwargs: Any) -> Any:
            raise StorageUnavailableError("no answer from s3.example.com")

    site = make_site(S3FileUploadField, {"storage": Down()})

    response = site.new("one", ("a.txt", b"a"))

    assert "The file could not be stored: try again later." in response.text
    assert "s3.example.com" not in response.text
    (line,) = [one for one in caplog.records if "nothing was stored" in one.message]
    assert "no answer from s3.example.com" in line.message
    assert line.exc_info is None
    assert site.row() is None


def test_nothing_is_kept_for_a_post_without_its_csrf_token(
    make_site: MakeSite, place: Place
) -> None:
    """Whoever posts a form that they have not had from here cannot fill the storage."""
    site = make_site(
        S3FileUploadField, place.options, view_attributes={"form_base_class": SecureForm}
    )

    assert site.new("one", ("a.txt", b"a")).status_code == 200
    assert place.names() == []

    (token,) = Page.of(site.client.get("/admin/thing/new/")).inputs("csrf_token")
    page = Page.of(site.new(INVALID, ("a.txt", b"a"), {"csrf_token": token}))
    assert len(page.inputs("_file-pending")) == len(place.names()) == 1


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_what_is_kept_has_a_name_and_can_be_dropped(
    make_site: MakeSite, place: Place, field_class: Any
) -> None:
    """Its box takes it away from the storage, too."""
    site = make_site(field_class, place.options)
    page = Page.of(site.new(INVALID, ("cat.png", picture())))
    (token,) = page.inputs("_file-pending")
    (box,) = page.find("input", name="_file-drop")
    assert "Kept:" in page.html
    assert "cat.png" in box.attributes["aria-label"]

    site.new("one", extra={"_file-pending": token, "_file-drop": token})

    assert (site.value(), place.names()) == (None, [])


def test_a_file_field_shows_name_size_and_a_link(make_site: MakeSite, place: Place) -> None:
    """The link leads to the file's bytes."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("notes.txt", b"x" * 1500))

    page = site.form()

    assert "notes.txt</a> (1.5 kB)" in page.html
    (url,) = page.links("notes.txt")
    assert fetch(site, place, url) == b"x" * 1500


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_file_outside_the_static_folder_is_shown_to_those_who_may_open_the_view(
    make_site: MakeSite, tmp_path: Any, field_class: Any
) -> None:
    """Without a route of the app's own, form and list show it, and others are refused."""
    allowed = [True]
    site = make_site(
        field_class,
        {"base_path": str(tmp_path / "private"), "thumbnail_size": (2, 2, True)}
        if field_class is S3ImageUploadField
        else {"base_path": str(tmp_path / "private")},
        view_attributes={
            "is_accessible": lambda _: allowed[0],
            "column_formatters": {"file": s3_thumbnail_formatter},
        },
    )
    site.new(file=("cat.png", picture(size=(9, 9))))

    for page in (site.form(), site.list()):
        urls = [*page.links("/-/file/"), *page.pictures]
        assert urls
        assert {site.client.get(url, buffered=True).status_code for url in urls} == {200}
    allowed[0] = False
    assert {site.client.get(url).status_code for url in urls} == {403}


def test_a_missing_file_is_shown_without_a_size(make_site: MakeSite, place: Place) -> None:
    """The form opens all the same."""
    site = make_site(S3FileUploadField, place.options)
    site.insert(title="one", file="gone.txt")

    assert "gone.txt" in site.form().html


@pytest.mark.parametrize("validator", [InputRequired, DataRequired, FileRequired])
@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_required_field_passes_when_a_file_is_stored(
    make_site: MakeSite, place: Place, validator: Any, field_class: Any
) -> None:
    """Saving without another choice keeps the file; without any file the form is refused."""
    site = make_site(field_class, {**place.options, "validators": [validator()]})
    assert "This field is required." in site.new().text

    site.new(file=("cat.png", picture()))
    assert site.edit("other").status_code == 302
    assert (site.value(), place.names()) == ("cat.png", ["cat.png"])

    assert "This field is required." in site.edit(extra={"_file-delete": "on"}).text
    assert place.names() == ["cat.png"]


def test_the_list_shows_thumbnails_and_links(make_site: MakeSite, place: Place) -> None:
    """The formatters know from the view's field where files are and how thumbnails are called."""
    options = {
        **place.options,
        **TRACKED,
        "thumbnail_size": (2, 2, True),
        "url_relative_path": "uploads/",
    }
    site = make_site(
        S3ImageUploadField,
        options,
        view_attributes={"column_formatters": {"file": s3_thumbnail_formatter}},
    )
    site.new(file=("cat.png", picture(size=(9, 9))))
    site.insert(title="none")
    (url,) = site.list().pictures
    assert opened(fetch(site, place, url)).size == (2, 2)

    with site.app.test_request_context():
        link = s3_link_formatter(site.view, None, site.row(), "file")
    assert Page(str(link)).links("cat.png")
    assert ">cat.png</a>" in link


def test_a_formatter_without_a_field_says_what_to_do(make_site: MakeSite, disk: DiskPlace) -> None:
    """It names the view and the column."""
    site = make_site(S3FileUploadField, disk.options)
    with (
        site.app.test_request_context(),
        pytest.raises(LookupError, match="ThingView has no upload field 'title'"),
    ):
        s3_link_formatter(site.view, None, site.Thing(), "title")


def test_the_list_asks_the_storage_for_nothing(make_site: MakeSite) -> None:
    """Links and pictures of a page of rows cost no storage call."""

    class Counting(MemoryStorage):
        calls = 0

        def stat(self, name: str) -> Any:
            Counting.calls += 1
            return super().stat(name)

    site = make_site(
        S3FileUploadField,
        {"storage": Counting(), "endpoint": "static"},
        view_attributes={"column_formatters": {"file": s3_link_formatter}},
    )
    for number in range(3):
        site.insert(title=str(number), file=f"{number}.txt")

    assert len(site.list().links(".txt")) == 3
    assert Counting.calls == 0


# Where the object says its file is


def test_the_object_s_own_fields_say_where_its_file_is(
    make_site: MakeSite, disk: DiskPlace, s3: S3Place
) -> None:
    """A file stored on disk is shown from there, and replaced there, after the switch to S3; and
    the other way round.
    """
    for before, after in ((disk, s3), (s3, disk)):
        options = {**s3.options, **TRACKED, "url_relative_path": "uploads/"}
        old = make_site(S3ImageUploadField, options | {"storage_type": before.storage_type})
        old.new(file=("old.png", picture()))
        assert (before.names(), after.names()) == (["old.png"], [])

        old.view._edit_form_class.file.kwargs["storage_type"] = after.storage_type
        (url,) = old.form().pictures
        assert fetch(old, before, url) == picture()
        old.edit(file=("new.png", picture()))

        row = old.row()
        assert (row.storage_type, row.bucket_name) == (after.storage_type, after.bucket_name)
        assert (before.names(), after.names()) == ([], ["new.png"])
        old.delete()
        assert after.names() == []


def test_a_row_of_an_allowed_bucket_is_shown_and_deleted_there(
    make_site: MakeSite, s3: S3Place, make_s3_bucket: Any
) -> None:
    """Also where the field has a ready storage, whose client it uses."""
    from dataclasses import replace

    from s3_saver import S3Storage

    other = replace(s3, bucket_name=make_s3_bucket())
    other.write("old.png", picture())
    ready = S3Storage(s3.bucket_name, client=s3.client, prefix="static/uploads")
    site = make_site(S3ImageUploadField, {"storage": ready, "url_style": "path", **TRACKED})
    site.app.config["S3_ALLOWED_BUCKETS"] = [other.bucket_name]
    site.insert(title="one", file="old.png", storage_type="s3", bucket_name=other.bucket_name)

    (url,) = site.form().pictures
    assert f"/{other.bucket_name}/static/uploads/old.png?" in url
    site.edit(file=("new.png", picture()))

    assert (other.names(), s3.names()) == ([], ["new.png"])
    assert site.row().bucket_name == s3.bucket_name


@pytest.mark.parametrize("page", ["list", "form"])
def test_a_row_with_an_unknown_storage_type_is_a_name_and_one_line(
    make_site: MakeSite, disk: DiskPlace, caplog: pytest.LogCaptureFixture, page: str
) -> None:
    """Not taken for local; the log says what is wrong, once for a page."""
    formatters = {"column_formatters": {"file": s3_thumbnail_formatter}}
    site = make_site(S3FileUploadField, {**disk.options, **TRACKED}, view_attributes=formatters)
    disk.write("a.txt", b"x")
    for title in ("one", "two"):
        site.insert(title=title, file="a.txt", storage_type="gcs")

    shown = site.list() if page == "list" else site.form()

    assert "a.txt" in shown.html
    assert shown.links("a.txt") == []
    (line,) = [one.message for one in caplog.records if "without a link" in one.message]
    assert "storage_type must be 's3', or '' for the disk, got 'gcs'" in line


# Texts and markup


def test_texts_go_through_flask_admin_s_gettext(make_site: MakeSite, disk: DiskPlace) -> None:
    """With a German admin the box and the refusal are German."""
    site = make_site(
        S3FileUploadField, {**disk.options, "allowed_extensions": ["txt"]}, locale="de"
    )
    site.new(file=("a.txt", b"a"))
    assert re.search(r'name="_file-delete" type="checkbox">Löschen', site.form().html)
    assert "Ungültiger Dateityp" in site.edit(file=("a.exe", b"a")).text


def test_an_app_can_translate_what_flask_admin_does_not_have(
    make_site: MakeSite, disk: DiskPlace, tmp_path: Path
) -> None:
    """A catalog in the folder that the admin is given has our messages, with their values."""
    if "csp_nonce_generator" not in inspect.signature(Admin.__init__).parameters:
        pytest.skip("Flask-Admin 1 names the folder by a method that Flask-Babel 3 does not call")
    # Flask-Babel reads a locale's catalogs once in a process: no other test has this locale.
    catalog = Catalog(locale="nl", domain="admin")
    catalog.add("This file is %(size)s; the limit is %(limit)s.", "%(limit)s, niet %(size)s.")
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "admin.mo").open("wb") as file:
        write_mo(file, catalog)
    site = make_site(
        S3FileUploadField,
        {**disk.options, "max_bytes": 10},
        locale="nl",
        admin_options={"translations_path": str(tmp_path)},
    )
    assert "10 bytes, niet 11 bytes." in site.new(file=("a.txt", b"a" * 11)).text


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_no_script_and_no_style_is_in_the_markup(
    make_site: MakeSite, disk: DiskPlace, field_class: Any
) -> None:
    """So that a strict Content-Security-Policy, with Flask-Admin's nonce or without, breaks
    nothing.
    """
    site = make_site(field_class, disk.options)
    site.new(file=("cat.png", picture()))
    with site.app.test_request_context(method="POST"):
        form = site.view._edit_form_class(obj=site.row())
        html = str(form.file())
    assert "cat.png" in html
    assert not re.search(r"<script|<style|style=|\son\w+=|javascript:", html)


def test_every_script_of_the_page_bears_flask_admin_s_nonce(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """Ours add none that a strict Content-Security-Policy would stop."""
    if "csp_nonce_generator" not in inspect.signature(Admin.__init__).parameters:
        pytest.skip("this Flask-Admin knows no nonce: install Flask-Admin 2")
    site = make_site(
        S3ImageUploadField, disk.options, admin_options={"csp_nonce_generator": lambda: "abc"}
    )
    site.new(file=("cat.png", picture()))

    scripts = site.form().find("script")

    assert scripts
    assert {tag.attributes.get("nonce") for tag in scripts} == {"abc"}


@pytest.mark.parametrize(
    ("field_class", "column"),
    [
        (S3FileUploadField, None),
        (S3ImageUploadField, None),
        (S3MultipleFileUploadField, JSON),
        (S3MultipleImageUploadField, JSON),
    ],
)
def test_every_input_and_picture_has_a_name_of_its_own(
    make_site: MakeSite, disk: DiskPlace, field_class: Any, column: Any
) -> None:
    """So that a screen reader says which file a box deletes or a number moves."""
    site = make_site(field_class, disk.options, column=column)
    site.new(file=[("cat.png", picture()), ("dog.png", picture())])

    page = site.form()

    form = [tag for tag in page.find("input") if "file" in tag.attributes.get("name", "")]
    seen = [tag for tag in form if tag.attributes["type"] not in ("hidden", "file")]
    names = [tag.attributes["aria-label"] for tag in seen]
    assert {name.rpartition(" ")[0] for name in names} <= {"", "Delete", "Position of"}
    assert "Delete cat.png" in names
    assert len(set(names)) == len(names)
    assert all(tag.attributes["alt"].endswith(".png") for tag in page.find("img"))
    assert page.find("label", **{"for": "file"})


def test_the_multiple_widgets_have_no_script_either(make_site: MakeSite, disk: DiskPlace) -> None:
    """Reordering works by numbers."""
    site = make_site(S3MultipleImageUploadField, disk.options, column=JSON)
    site.new(file=[("a.png", picture()), ("b.png", picture())])
    with site.app.test_request_context():
        html = str(site.view._edit_form_class(obj=site.row()).file())
    assert "b.png" in html
    assert not re.search(r"<script|<style|style=|\son\w+=|javascript:", html)


def test_a_local_storage_works_as_ready_storage(make_site: MakeSite, disk: DiskPlace) -> None:
    """storage= takes what s3_saver has."""
    site = make_site(S3FileUploadField, {"storage": LocalStorage(disk.folder)})
    site.new(file=("a.txt", b"a"))

    assert disk.names() == ["a.txt"]
    assert site.form().links("/static/uploads/a.txt")
