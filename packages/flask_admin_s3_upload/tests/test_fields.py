"""The field of one file, by real posts to a real admin, on disk and on S3."""

from admin_site import MakeSite
from places import Place

from flask_admin_s3_upload import S3FileUploadField

TRACKED = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}


def test_a_posted_file_is_stored_and_the_row_says_where(make_site: MakeSite, place: Place) -> None:
    """Posting the create form stores the bytes, and sets name, storage type and bucket."""
    site = make_site(S3FileUploadField, {**place.options, **TRACKED})

    response = site.new(file=("notes.txt", b"hello"))

    assert response.status_code == 302, response.text
    row = site.row()
    assert (row.file, row.storage_type, row.bucket_name) == (
        "notes.txt",
        place.storage_type,
        place.bucket_name,
    )
    assert place.names() == ["notes.txt"]
    assert place.read("notes.txt") == b"hello"


def test_a_replaced_file_is_gone_after_the_commit(make_site: MakeSite, place: Place) -> None:
    """Posting another file leaves that one alone."""
    site = make_site(S3FileUploadField, {**place.options, **TRACKED})
    site.new(file=("old.txt", b"old"))

    assert site.edit(file=("new.txt", b"new")).status_code == 302

    assert site.value() == "new.txt"
    assert place.names() == ["new.txt"]
