"""Drop-in: the same posts through Flask-Admin's own fields and through ours end alike on disk."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite, Page, Tag
from flask_admin.form.upload import FileUploadField, ImageUploadField  # type: ignore[import-untyped]
from pictures import opened, picture
from PIL import Image
from places import DiskPlace, Place
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_admin_s3_upload import S3FileUploadField, S3ImageUploadField

Steps = list[Callable[[AdminSite], Any]]

FIELDS = [(FileUploadField, S3FileUploadField), (ImageUploadField, S3ImageUploadField)]


@dataclass
class Outcome:
    """What a series of posts led to."""

    statuses: list[int]
    values: list[str | None]
    names: list[str]
    contents: list[Any]


def outcome(site: AdminSite, place: Place, steps: Steps) -> Outcome:
    statuses = [step(site).status_code for step in steps]
    with site.app.app_context():
        values = [thing.file for thing in site.db.session.query(site.Thing).order_by("id")]
    names = place.names()
    return Outcome(statuses, values, names, [comparable(place.read(name)) for name in names])


def comparable(content: bytes) -> Any:
    """Pictures by what they show, in whatever mode."""
    try:
        image = opened(content)
    except OSError:
        return content
    return image.format, image.size, image.convert("RGBA").convert("RGBa").tobytes()


def prefixed(obj: Any, file: FileStorage) -> str:
    return f"{obj.title if obj else 'new'}-{file.filename}"


def thumb_name(filename: str) -> str:
    return f"small-{filename}"


CAT = ("cat.png", picture(size=(40, 30), color="blue"))
STORIES: dict[str, tuple[dict[str, Any], Steps]] = {
    "store": ({}, [lambda s: s.new(file=CAT)]),
    "keep": ({}, [lambda s: s.new(file=CAT), lambda s: s.edit("two")]),
    "replace": ({}, [lambda s: s.new(file=CAT), lambda s: s.edit(file=("dog.png", CAT[1]))]),
    "replace by the same name": (
        {},
        [lambda s: s.new(file=CAT), lambda s: s.edit(file=("cat.png", picture(size=(5, 5))))],
    ),
    "delete box": ({}, [lambda s: s.new(file=CAT), lambda s: s.edit(extra={"_file-delete": "on"})]),
    "delete box and a new file": (
        {},
        [lambda s: s.new(file=CAT), lambda s: s.edit(file=CAT, extra={"_file-delete": "on"})],
    ),
    "no file": ({}, [lambda s: s.new()]),
    "relative_path": ({"relative_path": "pics/"}, [lambda s: s.new(file=CAT)]),
    "namegen": ({"namegen": prefixed}, [lambda s: s.new(file=CAT)]),
    "names cleaned": ({}, [lambda s: s.new(file=("My cat! (1).png", CAT[1]))]),
    "extension refused": (
        {"allowed_extensions": ["PNG"]},
        [lambda s: s.new(file=("cat.gif", picture("GIF"))), lambda s: s.new(file=CAT)],
    ),
    "overwrite refused": (
        {"allow_overwrite": False},
        [lambda s: s.new(file=CAT), lambda s: s.new("two", file=CAT)],
    ),
    "two rows of one name": (
        {"allow_overwrite": True},
        [lambda s: s.new(file=CAT), lambda s: s.new("two", file=CAT)],
    ),
}
IMAGE_STORIES: dict[str, tuple[dict[str, Any], Steps]] = {
    **{
        f"{format} of mode {mode}": (
            {"thumbnail_size": (10, 10, True)},
            [
                partial(
                    AdminSite.new,
                    file=(f"cat.{format.lower()}", picture(format, (40, 30), None, mode=mode)),
                )
            ],
        )
        for format, mode in [
            *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
            *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
            *(("TIFF", mode) for mode in ("L", "RGB", "CMYK")),
        ]
    },
    "max_size": ({"max_size": (20, 20, False)}, [lambda s: s.new(file=CAT)]),
    "max_size, forced": ({"max_size": (20, 20, True)}, [lambda s: s.new(file=CAT)]),
    "max_size, not reached": ({"max_size": (90, 90, True)}, [lambda s: s.new(file=CAT)]),
    "thumbnail, small picture": ({"thumbnail_size": (90, 90, True)}, [lambda s: s.new(file=CAT)]),
    "thumbgen": (
        {"thumbnail_size": (9, 9, False), "thumbgen": thumb_name},
        [lambda s: s.new(file=CAT), lambda s: s.edit(file=("dog.png", CAT[1]))],
    ),
    "thumbnail replaced": (
        {"thumbnail_size": (9, 9, False), "relative_path": "pics/"},
        [lambda s: s.new(file=CAT), lambda s: s.edit(file=("dog.png", CAT[1]))],
    ),
    "thumbnail deleted": (
        {"thumbnail_size": (9, 9, False)},
        [lambda s: s.new(file=CAT), lambda s: s.edit(extra={"_file-delete": "on"})],
    ),
    "webp refused where it is not allowed": (
        {"allowed_extensions": ["png"]},
        [lambda s: s.new(file=("cat.webp", picture("WEBP")))],
    ),
    "broken picture": ({}, [lambda s: s.new(file=("cat.png", b"no picture"))]),
}
CASES = [
    *((fields, name, *story) for fields in FIELDS for name, story in STORIES.items()),
    *((FIELDS[1], name, *story) for name, story in IMAGE_STORIES.items()),
]


@pytest.mark.parametrize(
    ("fields", "options", "steps"),
    [(fields, options, steps) for fields, _, options, steps in CASES],
    ids=[f"{fields[0].__name__}: {name}" for fields, name, _, _ in CASES],
)
def test_the_same_posts_end_alike(
    make_site: MakeSite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fields: Any,
    options: dict[str, Any],
    steps: Steps,
) -> None:
    """Statuses, the row's values, names, folders, pixels and bytes are those of Flask-Admin."""
    # Flask-Admin 1.6.1 resizes by a name that Pillow 10 has no longer.
    monkeypatch.setattr(Image, "ANTIALIAS", Image.Resampling.LANCZOS, raising=False)
    outcomes = []
    for number, field_class in enumerate(fields):
        disk = DiskPlace(tmp_path / str(number) / "uploads")
        disk.folder.mkdir(parents=True)
        site = make_site(field_class, {**disk.options, **options})
        outcomes.append(outcome(site, disk, steps))

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("fields", "options", "steps"),
    [(fields, options, steps) for fields, _, options, steps in CASES],
    ids=[f"{fields[0].__name__}: {name}" for fields, name, _, _ in CASES],
)
def test_what_ends_so_on_disk_ends_so_on_s3(
    make_site: MakeSite, disk: DiskPlace, s3: Place, fields: Any, options: Any, steps: Steps
) -> None:
    """The same options have the same names, values and contents on both."""
    outcomes = [
        outcome(make_site(fields[1], {**place.options, **options}), place, steps)
        for place in (disk, s3)
    ]

    assert outcomes[0] == outcomes[1]


def test_allow_overwrite_sees_the_final_name(make_site: MakeSite, place: Place) -> None:
    """With relative_path, Flask-Admin looks for the bare name, passes, and then raises (FA#934):
    ours says so in the field.
    """
    options = {**place.options, "allow_overwrite": False, "relative_path": "pics/"}
    site = make_site(S3FileUploadField, options)
    site.new(file=("a.txt", b"1"))

    page = Page.of(site.new("two", ("a.txt", b"2")))

    assert "File &#34;pics/a.txt&#34; already exists." in page.html
    assert (site.row(2), place.read("pics/a.txt")) == (None, b"1")


def test_allow_overwrite_sees_the_name_that_a_function_makes(
    make_site: MakeSite, place: Place
) -> None:
    """Of a new object it is known only when it is stored: the field says so all the same."""
    options = {**place.options, "allow_overwrite": False, "namegen": lambda obj, file: "a.txt"}
    site = make_site(S3FileUploadField, options)
    site.new(file=("x.txt", b"1"))

    page = Page.of(site.new("two", ("y.txt", b"2")))

    assert "File &#34;a.txt&#34; already exists." in page.html
    assert (site.row(2), place.read("a.txt")) == (None, b"1")


def test_base_path_may_be_a_function(make_site: MakeSite, tmp_path: Path) -> None:
    """It is called in the request, not before."""
    disk = DiskPlace(tmp_path / "late")
    calls = []

    def base_path() -> str:
        from flask import request

        calls.append(request.path)
        return str(disk.folder)

    site = make_site(S3FileUploadField, {"base_path": base_path})
    site.new(file=("a.txt", b"a"))

    assert disk.names() == ["a.txt"]
    assert set(calls) == {"/admin/thing/new/"}


def test_base_path_may_be_a_function_on_s3(make_site: MakeSite, s3: Any) -> None:
    """Its folder below static_root_parent is the prefix of the keys."""
    options = {**s3.options, "base_path": lambda: str(s3.folder / "late")}
    site = make_site(S3FileUploadField, options)
    site.new(file=("a.txt", b"a"))

    assert s3.names() == ["late/a.txt"]


def test_permission_is_that_of_files_on_disk(make_site: MakeSite, disk: DiskPlace) -> None:
    """Less the umask."""
    site = make_site(S3FileUploadField, {**disk.options, "permission": 0o600})
    site.new(file=("a.txt", b"a"))

    assert stat.S_IMODE((disk.folder / "a.txt").stat().st_mode) == 0o600


def test_a_missing_base_path_is_named(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """When the file is to be stored, as Flask-Admin's is: in the log. No row is made."""
    site = make_site(S3FileUploadField, {})

    response = site.new(file=("a.txt", b"a"))

    assert response.status_code == 200
    assert "there is no folder here for files on disk: set base_path" in caplog.text
    assert site.row() is None


@pytest.mark.parametrize(("theirs", "ours"), FIELDS)
@pytest.mark.parametrize("stored", [None, "cat.png"])
def test_the_widget_has_the_shape_of_flask_admin_s(
    make_site: MakeSite, disk: DiskPlace, theirs: Any, ours: Any, stored: str | None
) -> None:
    """All its elements with their attributes, in its order; ours may add a link between, and names
    for those who don't see them.
    """
    forms = []
    for field_class in (theirs, ours):
        site = make_site(
            field_class,
            {**disk.options, "endpoint": "static", "url_relative_path": "uploads/"}
            if field_class is not FileUploadField
            else disk.options,
        )
        site.insert(title="one", file=stored)
        with site.app.test_request_context():
            form = site.view._edit_form_class(obj=site.row())
            forms.append(Page(str(form.file(class_="form-control"))).tags)
    for tag in forms[1]:
        for attribute in ("alt", "aria-label"):
            tag.attributes.pop(attribute, None)

    assert [tag for tag in forms[1] if tag.name != "a"] == forms[0]


@pytest.mark.parametrize(("theirs", "ours"), FIELDS)
def test_isinstance_still_holds(theirs: Any, ours: Any) -> None:
    """Code that asks for Flask-Admin's fields and widgets finds ours."""
    assert issubclass(ours, theirs)
    assert isinstance(ours.widget, type(theirs.widget))


def test_a_widget_s_templates_can_be_replaced_as_there(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """data_template with %(text)s, %(marker)s and %(file)s."""
    from flask_admin_s3_upload import S3FileUploadInput

    class Mine(S3FileUploadInput):
        data_template = '<b><input %(text)s><input type="checkbox" name="%(marker)s"></b>%(file)s'

    class Field(S3FileUploadField):
        widget = Mine()

    site = make_site(Field, disk.options)
    site.new(file=("a.txt", b"a"))

    page = site.form()

    assert page.find("b")
    assert page.find("input", name="_file-delete", type="checkbox")


def test_it_works_in_a_form_without_an_app(disk: DiskPlace) -> None:
    """As Flask-Admin's fields do: any object, any form, files at once."""
    import io

    class Thing:
        file: str | None = None

    class ThingForm(Form):
        file = S3FileUploadField(base_path=str(disk.folder))

    thing = Thing()
    form = ThingForm()
    form.file.data = FileStorage(io.BytesIO(b"a"), "a.txt")
    form.file.populate_obj(thing, "file")

    assert (thing.file, disk.names()) == ("a.txt", ["a.txt"])


def test_tags_are_compared_by_value() -> None:
    """Guards the comparison above."""
    assert Tag("a", {}) != Tag("a", {"href": "x"})
