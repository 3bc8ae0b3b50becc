"""Fields of many files in a JSON column."""

import re
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite, Page
from pictures import opened, picture
from places import Place, S3Place
from sqlalchemy import JSON
from wtforms.validators import InputRequired

from flask_admin_s3_upload import (
    S3MultipleFileUploadField,
    S3MultipleImageUploadField,
    s3_thumbnail_formatter,
)

TRACKED = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}


def texts(*names: str) -> list[tuple[str, bytes]]:
    return [(name, name.encode()) for name in names]


@pytest.fixture
def site(make_site: MakeSite, place: Place) -> AdminSite:
    """With a.txt, b.txt and c.txt in row 1."""
    site = make_site(S3MultipleFileUploadField, {**place.options, **TRACKED}, column=JSON)
    assert site.new(file=texts("a.txt", "b.txt", "c.txt")).status_code == 302
    return site


def test_many_are_added_at_once(site: AdminSite, place: Place) -> None:
    """The column holds their names in the order of the choice; a later choice goes to the end."""
    site.edit(file=texts("d.txt", "e.txt"))

    assert site.value() == ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]
    assert place.names() == site.value()
    assert place.read("d.txt") == b"d.txt"


def test_nothing_chosen_changes_nothing(site: AdminSite, place: Place) -> None:
    """Also for a row that never had any."""
    site.edit("other")
    assert site.value() == ["a.txt", "b.txt", "c.txt"]

    site.new("none")
    assert not site.value(2)


def test_one_is_removed_after_the_commit(site: AdminSite, place: Place) -> None:
    """The others stay; with a failing database all do."""
    repair = site.fail_commits()
    site.edit(extra={"_file-remove": "b.txt"})
    repair()
    assert place.names() == ["a.txt", "b.txt", "c.txt"]

    site.edit(extra={"_file-remove": "b.txt"})

    assert site.value() == ["a.txt", "c.txt"]
    assert place.names() == ["a.txt", "c.txt"]


def test_files_are_reordered_by_their_positions(site: AdminSite, place: Place) -> None:
    """As the form sends names and numbers, with a removed and an added one in the same post."""
    page = site.form()
    assert page.inputs("_file-item") == ["a.txt", "b.txt", "c.txt"]
    assert page.inputs("_file-position") == ["1", "2", "3"]

    site.edit(
        file=texts("d.txt"),
        extra={
            "_file-item": ["a.txt", "b.txt", "c.txt"],
            "_file-position": ["3", "2", "1"],
            "_file-remove": "b.txt",
        },
    )

    assert site.value() == ["c.txt", "a.txt", "d.txt"]
    assert place.names() == ["a.txt", "c.txt", "d.txt"]


def test_posted_names_that_the_row_has_not_count_for_nothing(site: AdminSite, place: Place) -> None:
    """Neither added nor deleted; and those that were not posted stay."""
    place.write("other.txt", b"x")

    site.edit(
        extra={
            "_file-item": ["other.txt", "../x", "c.txt"],
            "_file-position": ["1", "x", "-3"],
            "_file-remove": ["other.txt", "../x"],
        }
    )

    assert site.value() == ["c.txt", "a.txt", "b.txt"]
    assert place.names() == ["a.txt", "b.txt", "c.txt", "other.txt"]


def test_a_taken_name_gets_an_id(site: AdminSite, place: Place) -> None:
    """No file is ever overwritten, not even by another of the same choice."""
    site.edit(file=[("a.txt", b"1"), ("a.txt", b"2")])

    first, *_, second, third = site.value()
    assert first == "a.txt"
    assert all(re.fullmatch(r"a-[0-9a-f]{8}\.txt", name) for name in (second, third))
    assert [place.read(name) for name in (first, second, third)] == [b"a.txt", b"1", b"2"]


def test_one_refused_file_refuses_the_choice(site: AdminSite, place: Place) -> None:
    """The error names it, and nothing is stored."""
    page = Page.of(site.edit(file=[("d.txt", b"d"), ("e.pdf", b"no pdf")]))

    assert "e.pdf: This file is not what its name says: rename it to e.txt." in page.html
    assert place.names() == ["a.txt", "b.txt", "c.txt"]


def test_a_choice_survives_an_error_elsewhere(site: AdminSite, place: Place) -> None:
    """All chosen files are pending, and more can be added to them."""
    tokens = Page.of(site.edit("", texts("d.txt", "e.txt"))).inputs("_file-pending")
    assert len(tokens) == 2

    site.edit(file=texts("f.txt"), extra={"_file-pending": tokens})

    assert site.value() == ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"]
    assert place.names() == site.value()


def test_a_token_that_is_posted_twice_counts_once(site: AdminSite, place: Place) -> None:
    """However often a form repeats it, one file is added."""
    (token,) = Page.of(site.edit("", texts("d.txt"))).inputs("_file-pending")

    site.edit(extra={"_file-pending": [token] * 3})

    assert site.value() == ["a.txt", "b.txt", "c.txt", "d.txt"]
    assert place.names() == site.value()


def test_a_deleted_row_takes_all_its_files_along(site: AdminSite, place: Place) -> None:
    """After the commit."""
    site.delete()

    assert place.names() == []


def test_new_files_join_the_old_ones_where_they_are(make_site: MakeSite, s3: S3Place) -> None:
    """One row has its files in one place: a row on disk stays there after the switch to S3."""
    from places import DiskPlace

    disk = DiskPlace(s3.folder)
    options = {**s3.options, **TRACKED, "storage_type": None}
    site = make_site(S3MultipleFileUploadField, options, column=JSON)
    site.new(file=texts("a.txt"))
    site.view._edit_form_class.file.kwargs["storage_type"] = "s3"

    site.edit(file=texts("b.txt"))

    assert (disk.names(), s3.names()) == (["a.txt", "b.txt"], [])
    assert site.row().storage_type == ""


def test_a_required_list_passes_when_files_are_stored(make_site: MakeSite, place: Place) -> None:
    """And is refused when the last is removed."""
    options = {**place.options, "validators": [InputRequired()]}
    site = make_site(S3MultipleFileUploadField, options, column=JSON)
    assert "This field is required." in site.new().text
    site.new(file=texts("a.txt"))

    assert site.edit("other").status_code == 302
    assert "This field is required." in site.edit(extra={"_file-remove": "a.txt"}).text
    assert place.names() == ["a.txt"]


def test_pictures_have_thumbnails_and_previews(make_site: MakeSite, place: Place) -> None:
    """Each of them, in the form and in the list; removing one removes both of its files."""
    options = {**place.options, "thumbnail_size": (2, 2, True), "url_relative_path": "uploads/"}
    site = make_site(
        S3MultipleImageUploadField,
        options,
        column=JSON,
        view_attributes={"column_formatters": {"file": s3_thumbnail_formatter}},
    )
    site.new(file=[("a.png", picture(size=(9, 9))), ("a.png", picture(size=(8, 8)))])

    other = site.value()[1].removesuffix(".png")
    assert place.names() == sorted(["a.png", "a_thumb.png", f"{other}.png", f"{other}_thumb.png"])
    assert opened(place.read(f"{other}_thumb.png")).size == (2, 2)
    for page in (site.form(), site.list()):
        assert len(page.pictures) == 2
        assert "_thumb.png" in page.pictures[0]

    site.edit(extra={"_file-remove": "a.png"})
    assert place.names() == [f"{other}.png", f"{other}_thumb.png"]


def test_a_value_that_leads_out_is_left_alone(make_site: MakeSite, place: Place) -> None:
    """In a list, too."""
    site = make_site(S3MultipleFileUploadField, place.options, column=JSON)
    place.write("a.txt", b"a")
    site.insert(title="one", file=["../a.txt", "a.txt"])

    site.delete()

    assert place.names() == []


@pytest.mark.parametrize("value", [None, "a.txt", [1, None, ""]])
def test_odd_values_are_no_lists(make_site: MakeSite, place: Place, value: Any) -> None:
    """The form opens and takes files."""
    site = make_site(S3MultipleFileUploadField, place.options, column=JSON)
    site.insert(title="one", file=value)

    assert site.form().inputs("_file-item") == []
    site.edit(file=texts("b.txt"))
    assert site.value() == ["b.txt"]
