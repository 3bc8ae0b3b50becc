"""Attributes that say where a file is are for no one to edit, in Flask-Admin's default form too."""

from typing import Any

import pytest
from admin_site import AdminSite, MakeSite
from places import Place
from wtforms.validators import InputRequired

from flask_admin_s3_upload import S3FileUploadField, S3ImageUploadField

TRACKED = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}
LOCATION = ("storage_type", "bucket_name")
FORMS: dict[str, Any] = {
    "the default form": None,
    "named after the file": ("title", "file", *LOCATION),
    "named before the file": (*LOCATION, "title", "file"),
}


@pytest.fixture(params=list(FORMS.values()), ids=list(FORMS))
def site(request: pytest.FixtureRequest, make_site: MakeSite, place: Place) -> AdminSite:
    """A view whose form has the two columns, one of which is required."""
    options = {**place.options, **TRACKED}
    site = make_site(
        S3FileUploadField,
        options,
        view_attributes={
            "form_columns": request.param,
            "form_args": {"file": options, "storage_type": {"validators": [InputRequired()]}},
        },
    )
    site.new(file=("a.txt", b"a"))
    return site


@pytest.mark.parametrize("path", ["new/", "edit/?id=1"])
def test_the_form_has_no_inputs_for_where_a_file_is(site: AdminSite, path: str) -> None:
    """Neither a text input, nor a hidden one, nor a label; the file's and the title's are there."""
    response = site.client.get(f"/admin/thing/{path}")

    assert response.status_code == 200
    assert 'name="title"' in response.text
    assert 'name="file"' in response.text
    for name in LOCATION:
        assert f'name="{name}"' not in response.text
        assert f'for="{name}"' not in response.text


def test_the_row_says_where_its_file_is(site: AdminSite, place: Place) -> None:
    """What the upload field has said is not written over by an input that is empty."""
    row = site.row()
    found = (row.file, row.storage_type, row.bucket_name)
    assert found == ("a.txt", place.storage_type, place.bucket_name)
    assert place.names() == ["a.txt"]


def test_what_is_posted_for_where_a_file_is_counts_for_nothing(
    site: AdminSite, place: Place
) -> None:
    """Nobody leads the row to another file by the form, be it edited or made."""
    posted = {"storage_type": "s3", "bucket_name": "payroll"}

    assert site.edit(extra=posted).status_code == 302
    assert site.new("two", extra=posted).status_code == 302

    row, other = site.row(1), site.row(2)
    assert (row.storage_type, row.bucket_name) == (place.storage_type, place.bucket_name)
    assert (other.file, other.storage_type, other.bucket_name) == (None, "", "")


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_columns_of_other_names_are_edited_as_ever(
    make_site: MakeSite, place: Place, field_class: Any
) -> None:
    """A field that keeps no location hides nothing."""
    site = make_site(field_class, place.options, view_attributes={"form_columns": None})
    site.insert(title="one")

    site.edit(extra={"bucket_name": "a word"})

    assert site.row().bucket_name == "a word"


@pytest.mark.parametrize("listed", [True, False])
def test_the_row_says_how_large_its_file_is(
    make_site: MakeSite, place: Place, listed: bool
) -> None:
    """By filesize_field, which has no input; without a file it is 0."""
    columns = ("title", "file", "size") if listed else ("title", "file")
    options = {**place.options, "filesize_field": "size"}
    site = make_site(S3FileUploadField, options, view_attributes={"form_columns": columns})

    site.new(file=("a.txt", b"12345"), extra={"size": "7"})
    assert (site.value(), site.row().size) == ("a.txt", 5)

    site.edit(file=("a.txt", b"123"))
    assert site.row().size == 3

    site.edit(extra={"_file-delete": "on"})
    assert (site.value(), site.row().size) == (None, 0)
