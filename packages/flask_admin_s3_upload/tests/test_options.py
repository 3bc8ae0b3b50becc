"""Options are checked when the form is made; what a namegen returns, when it does."""

import io
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
    s3_link_formatter,
)
from s3_saver import S3Saver, S3Storage

FILES: list[Any] = [S3FileUploadField, S3MultipleFileUploadField]
PICTURES: list[Any] = [S3ImageUploadField, S3MultipleImageUploadField]


def make_field(field_class: Any, **options: Any) -> Any:
    """Make a form with a field whose options a scaffold_form has set, and return that."""

    class ThingForm(Form):
        photo = field_class()

    ThingForm.photo.kwargs.update(options)
    return ThingForm().photo


@pytest.mark.parametrize("field_class", FILES + PICTURES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"storage_type": "S3"}, ["storage_type must be", "got 'S3'", "'s3', or '' for the disk"]),
        ({"storage_type": "s3"}, ["bucket_name must be", "got None", "storage_type='s3' needs it"]),
        (
            {"storage_type": "s3", "bucket_name": ""},
            ["bucket_name must be", "got ''", "the bucket's name"],
        ),
        ({"bucket_name": 5}, ["bucket_name must be", "got 5", "a str"]),
        ({"base_path": 5}, ["base_path must be", "got 5", "a folder, or a function"]),
        ({"storage": 5}, ["storage must be", "got <class 'int'>", "a Storage or an S3Saver"]),
        (
            {"storage": S3Storage},
            ["storage must be", "got <class 'type'>", "a Storage or an S3Saver"],
        ),
        ({"max_bytes": "5"}, ["max_bytes must be", "got '5'", "a whole number from 1 up"]),
        ({"max_bytes": 0}, ["max_bytes must be", "got 0", "a whole number from 1 up"]),
        ({"max_bytes": True}, ["max_bytes must be", "got True", "a whole number from 1 up"]),
        ({"url_style": "v"}, ["url_style must be", "got 'v'", "'host' or 'path'"]),
        ({"private": "false"}, ["private must be", "got 'false'", "True, False or None"]),
        ({"delete_with_row": "no"}, ["delete_with_row must be", "got 'no'", "True or False"]),
        ({"allow_overwrite": "no"}, ["allow_overwrite must be", "got 'no'", "True, False or None"]),
        ({"permission": "0o640"}, ["permission must be", "got '0o640'", "0o640"]),
        ({"namegen": "{name}"}, ["namegen must be", "got '{name}'", "a function"]),
        ({"is_shared": True}, ["is_shared must be", "got True", "a function"]),
        (
            {"allowed_extensions": "png"},
            ["allowed_extensions must be", "got 'png'", "a list such as"],
        ),
        ({"allowed_extensions": 5}, ["allowed_extensions must be", "got 5", "a list such as"]),
        (
            {"access_key_id": "id"},
            ["access_key_secret must be", "got None", "where the other half"],
        ),
        ({"endpoint_url": 5}, ["endpoint_url must be", "got 5", "a str"]),
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


@pytest.mark.parametrize("field_class", FILES + PICTURES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label": "Photo", "max_bytes": 0}, "'Photo': max_bytes must be a whole number"),
        ({"max_bytes": 0}, ": max_bytes must be a whole number from 1 up, got 0"),
        ({"bucket_name": "arn:aws:s3:eu-north-1:123456789012:accesspoint/x"}, ": bucket_name must"),
        ({"storage_type": "s3", "bucket_name": "my_bucket"}, ": bucket_name must be"),
        (
            {"bucket_name": "media", "endpoint_url": "http://s3.test/media"},
            ": endpoint_url must be",
        ),
        ({"endpoint_url": "s3.test"}, ": endpoint_url must be"),
        ({"region": "eu north"}, ": region must be"),
        ({"cdn_domain": "https://cdn.example.com/"}, ": cdn_domain must be"),
        ({"relative_path": "/srv/cats"}, ": relative_path must be a folder in base_path"),
        ({"relative_path": "../cats"}, ": relative_path must be a folder in base_path"),
        ({"private": True, "cdn_domain": "cdn.example.com"}, ": private must be left out with cdn"),
    ],
)
def test_an_option_that_is_wrong_by_itself_is_refused_when_the_view_is_made(
    field_class: Any, options: dict[str, Any], words: str
) -> None:
    """At the start of the app, and not when somebody opens the form or the list."""
    with pytest.raises(ValueError, match=f"^{field_class.__name__}.*{words}"):
        field_class(**options)


def test_folders_and_extensions_are_understood_as_people_write_them(
    make_site: MakeSite, place: Place
) -> None:
    """Folders without a slash at their end, and extensions with the dot before them."""
    options = {"relative_path": "cats", "url_relative_path": "uploads", "endpoint": "static"}
    extensions = {"allowed_extensions": [".PNG"]}
    site = make_site(S3ImageUploadField, {**place.options, **options, **extensions})

    assert site.new(file=("a.png", picture())).status_code == 302

    assert (site.value(), place.names()) == ("cats/a.png", ["cats/a.png"])
    if not place.storage_type:
        assert site.form().pictures == ["/static/uploads/cats/a.png"]


@pytest.mark.parametrize("option", ["storage_type_field", "bucket_name_field"])
@pytest.mark.parametrize("page", ["new", "edit", "list"])
def test_an_attribute_that_the_model_lacks_is_refused_by_name(
    make_site: MakeSite, disk: DiskPlace, option: str, page: str
) -> None:
    """Else the row would not know where its file is; the list, the form and the code say so."""
    formatters = {"column_formatters": {"file": s3_link_formatter}}
    options = {**disk.options, option: "nope"}
    site = make_site(S3FileUploadField, options, view_attributes=formatters)
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    site.insert(title="one", file="a.txt")
    path = {"new": "new/", "edit": "edit/?id=1", "list": ""}[page]

    with pytest.raises(ValueError, match=f"'file': {option} must be an attribute of Thing, got 'n"):
        site.client.get(f"/admin/thing/{path}")


def test_nothing_is_stored_for_a_model_that_lacks_an_attribute(
    make_site: MakeSite, place: Place
) -> None:
    """Where no view says what the model is, its object does."""
    site = make_site(S3FileUploadField, {**place.options, "storage_type_field": "nope"})
    with site.app.app_context():
        thing = site.Thing(title="one")
        field = site.view._edit_form_class().file
        field.data = FileStorage(io.BytesIO(b"a"), "a.txt")
        with pytest.raises(ValueError, match="storage_type_field must be an attribute of Thing"):
            field.populate_obj(thing, "file")

    assert place.names() == []


def test_an_endpoint_that_the_app_lacks_is_refused(make_site: MakeSite, disk: DiskPlace) -> None:
    """When the form is made, and not when a file is shown; one of the view begins with a dot."""
    site = make_site(S3FileUploadField, {**disk.options, "endpoint": "nope"})
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ValueError, match="endpoint must be the name of a route of the app, got 'n"):
        site.client.get("/admin/thing/new/")
    for form_class in (site.view._create_form_class, site.view._edit_form_class):
        form_class.file.kwargs["endpoint"] = ".index_view"

    assert site.client.get("/admin/thing/new/").status_code == 200


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
    assert f"{option} must be" in str(raised.value)
    assert f"got {size!r}" in str(raised.value)


@pytest.mark.parametrize("field_class", PICTURES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_pixels": "5"}, "max_pixels must be a whole number from 1 up, got '5'"),
        ({"max_pixels": None}, "max_pixels must be a whole number from 1 up, got None"),
        ({"thumbgen": "x"}, "thumbgen must be a function, or None, got 'x'"),
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

    with pytest.raises(ValueError, match=r"formats must be some of AVIF, GIF, JPEG.*, got .*TIFF"):
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


def test_a_secret_is_in_no_representation() -> None:
    """Nor in what a debugger or an error report shows of a field's values."""
    field = make_field(S3FileUploadField, access_key_id="id", access_key_secret="hidden")
    assert field.files.sources.s3_options["access_key_secret"] == "hidden"
    assert "hidden" not in repr((field.options, field.files.sources, field.files.storages))


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
    """A view's scaffold_form may complete what its form_args say."""
    site = make_site(S3FileUploadField, {**disk.options, "storage_type": "s3"})
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ValueError, match="S3FileUploadField 'file': bucket_name must be"):
        site.client.get("/admin/thing/new/")
    for form_class in (site.view._create_form_class, site.view._edit_form_class):
        form_class.file.kwargs["storage_type"] = ""

    assert site.new(file=("a.txt", b"a")).status_code == 302


@pytest.mark.parametrize("name", [None, "", 5])
@pytest.mark.parametrize("relative_path", [None, "pics/"])
@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_namegen_that_returns_no_name_stores_nothing(
    make_site: MakeSite, place: Place, field_class: Any, relative_path: str | None, name: Any
) -> None:
    """The form says so and no row is made; the upload is kept for the next form."""

    def namegen(obj: Any, file: FileStorage) -> Any:
        return name

    options = {**place.options, "namegen": namegen, "relative_path": relative_path}
    site = make_site(field_class, options)

    response = site.new(file=("a.png", picture()))

    assert f"namegen returned {name!r}: must return" in response.text.replace("&#39;", "'")
    assert all(stored.startswith(".pending/") for stored in place.names())
    assert site.row() is None


def test_what_is_wrong_with_the_model_is_logged_when_the_app_starts(
    make_site: MakeSite, disk: DiskPlace, caplog: pytest.LogCaptureFixture
) -> None:
    """Before anybody opens the form: once, with the field's name, the value and the fix."""
    site = make_site(S3FileUploadField, {**disk.options, "storage_type_field": "nope"})

    for _ in range(2):
        with site.app.app_context():
            pass

    (line,) = [one.message for one in caplog.records if one.levelname == "ERROR"]
    assert "S3FileUploadField 'file': storage_type_field must be an attribute of Thing" in line
    assert "'nope'" in line
