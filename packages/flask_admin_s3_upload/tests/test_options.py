"""Options are checked when the form is made; what a namegen gives, when it does."""

from typing import Any

import pytest
from admin_site import MakeSite
from pictures import picture
from places import DiskPlace, Place
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
    S3MultipleImageUploadField,
)
from s3_saver import S3Saver, S3Storage

FILES: list[Any] = [S3FileUploadField, S3MultipleFileUploadField]
PICTURES: list[Any] = [S3ImageUploadField, S3MultipleImageUploadField]


def make_field(field_class: Any, **options: Any) -> Any:
    """Make a form with a field, and give that."""

    class ThingForm(Form):
        photo = field_class(**options)

    return ThingForm().photo


@pytest.mark.parametrize("field_class", FILES + PICTURES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"storage_type": "S3"}, ["storage_type='S3'", "'s3', or None for the disk"]),
        ({"storage_type": "s3"}, ["bucket_name=None", "storage_type='s3' needs it"]),
        ({"storage_type": "s3", "bucket_name": ""}, ["bucket_name=''", "the bucket's name"]),
        ({"bucket_name": 5}, ["bucket_name=5", "a str"]),
        ({"base_path": 5}, ["base_path=5", "a folder, or a function"]),
        ({"storage": 5}, ["storage=<class 'int'>", "a Storage or an S3Saver"]),
        ({"storage": S3Storage}, ["storage=<class", "a Storage or an S3Saver"]),
        ({"max_bytes": "5"}, ["max_bytes='5'", "a whole number from 1 up"]),
        ({"max_bytes": 0}, ["max_bytes=0", "a whole number from 1 up"]),
        ({"max_bytes": True}, ["max_bytes=True", "a whole number from 1 up"]),
        ({"url_style": "v"}, ["url_style='v'", "'host' or 'path'"]),
        ({"private": "false"}, ["private='false'", "True, False or None"]),
        ({"delete_with_row": "no"}, ["delete_with_row='no'", "True or False"]),
        ({"allow_overwrite": "no"}, ["allow_overwrite='no'", "True or False"]),
        ({"permission": "0o640"}, ["permission='0o640'", "0o640"]),
        ({"namegen": "{name}"}, ["namegen='{name}'", "a function"]),
        ({"is_shared": True}, ["is_shared=True", "a function"]),
        ({"allowed_extensions": "png"}, ["allowed_extensions='png'", "a list such as"]),
        ({"allowed_extensions": 5}, ["allowed_extensions=5", "a list such as"]),
        ({"access_key_id": "id"}, ["access_key_secret=None", "where the other half"]),
        ({"endpoint_url": 5}, ["endpoint_url=5", "a str"]),
    ],
)
def test_a_wrong_option_is_named(
    field_class: Any, options: dict[str, Any], words: list[str]
) -> None:
    """With the field, its value and what it must be, when the form is made."""
    with pytest.raises(ValueError, match=f"^{field_class.__name__} 'photo': ") as raised:
        make_field(field_class, **options)
    for each in words:
        assert each in str(raised.value)


@pytest.mark.parametrize("field_class", PICTURES)
@pytest.mark.parametrize("option", ["max_size", "thumbnail_size"])
@pytest.mark.parametrize(
    "size",
    [
        200,
        "200x200",
        (200, 200),
        (200, 0, True),
        ("200", 200, True),
        (200, 200, "no"),
        (2.5, 2, True),
    ],
)
def test_a_size_has_three_parts(field_class: Any, option: str, size: Any) -> None:
    """Width and height in whole pixels, and whether to crop."""
    with pytest.raises(ValueError, match="must be .width, height, force., such as") as raised:
        make_field(field_class, **{option: size})
    assert f"{option}={size!r}" in str(raised.value)


@pytest.mark.parametrize("field_class", PICTURES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_pixels": "5"}, "max_pixels='5' must be a whole number from 1 up"),
        ({"max_pixels": None}, "max_pixels=None must be a whole number from 1 up"),
        ({"thumbgen": "x"}, "thumbgen='x' must be a function, or None"),
    ],
)
def test_a_wrong_option_of_pictures_is_named(
    field_class: Any, options: dict[str, Any], words: str
) -> None:
    """As those of all fields."""
    with pytest.raises(ValueError, match=words):
        make_field(field_class, **options)


def test_formats_that_cannot_be_written_cannot_be_kept() -> None:
    """What a subclass says is an option, too."""

    class Keeping(S3ImageUploadField):
        keep_image_formats = ("PNG", "TIFF")

    with pytest.raises(ValueError, match=r"keep_image_formats=.* must be some of AVIF, GIF, JPEG"):
        make_field(Keeping)


@pytest.mark.parametrize(
    "options",
    [
        {"access_key_secret": "hidden"},
        {"access_key_id": "id", "access_key_secret": b"hidden"},
        {"storage": {"access_key_secret": "hidden"}},
    ],
)
def test_a_secret_is_not_told(options: dict[str, Any]) -> None:
    """What the error says may be logged."""
    with pytest.raises(ValueError, match="access_key_|storage") as raised:
        make_field(S3FileUploadField, **options)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"storage_type": ""},
        {"storage_type": None, "bucket_name": "my-bucket"},
        {"storage_type": "s3", "bucket_name": "my-bucket"},
        {"storage_type": "s3", "storage": S3Storage("my-bucket")},
        {"storage": S3Saver(base_path="/srv/files")},
        {"base_path": lambda: "/srv/files"},
        {"thumbnail_size": [200, 100, False]},
        {"max_bytes": None},
    ],
)
def test_right_options_make_a_field(options: dict[str, Any]) -> None:
    """A base path may be missing until a file is stored, and be a function."""
    assert make_field(S3ImageUploadField, **options).short_name == "photo"


def test_what_is_set_last_counts(make_site: MakeSite, disk: DiskPlace) -> None:
    """A view's scaffold_form may mend what its form_args say."""
    site = make_site(S3FileUploadField, {**disk.options, "storage_type": "S3"})
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ValueError, match="storage_type='S3' must be"):
        site.client.get("/admin/thing/new/")
    for form_class in (site.view._create_form_class, site.view._edit_form_class):
        form_class.file.kwargs["storage_type"] = None

    assert site.new(file=("a.txt", b"a")).status_code == 302


@pytest.mark.parametrize("name", [None, "", 5])
@pytest.mark.parametrize("relative_path", [None, "pics/"])
@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_namegen_that_gives_no_name_stores_nothing(
    make_site: MakeSite, place: Place, field_class: Any, relative_path: str | None, name: Any
) -> None:
    """The form says so and no row is made; the upload is put aside for the mended form."""

    def namegen(obj: Any, file: FileStorage) -> Any:
        return name

    options = {**place.options, "namegen": namegen, "relative_path": relative_path}
    site = make_site(field_class, options)

    response = site.new(file=("a.png", picture()))

    assert f"namegen gave {name!r}: must return" in response.text.replace("&#39;", "'")
    assert all(stored.startswith(".pending/") for stored in place.names())
    assert site.row() is None
