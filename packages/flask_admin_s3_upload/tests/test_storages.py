"""Where files are, by options, by the app's settings, and by what an object says."""

import io
from pathlib import Path
from typing import Any

import pytest
from admin_site import MakeSite
from flask import Flask
from pictures import picture
from places import DiskPlace, S3Place
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
    s3_thumbnail_formatter,
)
from flask_admin_s3_upload._locations import location
from s3_saver import (
    ConfigError,
    LocalStorage,
    NotConfiguredError,
    PrefixRegistry,
    S3Saver,
    S3Storage,
    StoredFile,
)
from s3_saver.testing import MemoryStorage

KEYS: dict[str, Any] = {"access_key_id": "id", "access_key_secret": "secret"}
ON_S3: dict[str, Any] = {"storage_type": "s3", "bucket_name": "my-bucket", **KEYS}
TRACKED = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}


def make_field(**options: Any) -> Any:
    """A field of a form."""

    class ThingForm(Form):
        file = S3FileUploadField(**options)

    return ThingForm().file


def location_of_new(field: Any, name: str = "a.txt") -> str:
    return location(field.files.stored(name, *field.files.sources.location))


def test_keys_are_paths_below_static_root_parent() -> None:
    """As in 0.1.4; without it they are names, and base_path may be missing."""
    parent = {"base_path": "/srv/site/static/uploads", "static_root_parent": "/srv/site/app/.."}
    found = [
        location_of_new(make_field(**ON_S3, **options))
        for options in (
            parent,
            {"base_path": "/srv/site"},
            {"base_path": "/srv", "static_root_parent": "/srv"},
            {},
        )
    ]
    assert found == ["s3://my-bucket/static/uploads/a.txt", *["s3://my-bucket/a.txt"] * 3]


def test_a_base_path_elsewhere_is_an_error() -> None:
    """It names both options, when the form is made."""
    message = "base_path must be below static_root_parent, which is '/srv/site', got '/srv/other'"
    with pytest.raises(ValueError, match=message):
        make_field(**ON_S3, base_path="/srv/other", static_root_parent="/srv/site")


def test_a_base_path_that_is_missing_is_named_when_it_is_needed() -> None:
    """A field may be made without it, since what it shows may all be on S3."""
    field = make_field()
    with pytest.raises(NotConfiguredError, match="no folder here .* set base_path"):
        _ = field.files.storages.current


def test_a_folder_is_relative_to_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not to where its process was started."""
    monkeypatch.chdir(tmp_path)
    app = Flask("site", root_path="/srv/site")
    with app.app_context():
        on_disk = make_field(base_path="instance/cats")
        assert location_of_new(on_disk) == "/srv/site/instance/cats/a.txt"
        by_function = make_field(base_path=lambda: "instance/cats")
        assert location_of_new(by_function) == "/srv/site/instance/cats/a.txt"
        on_s3 = make_field(**ON_S3, base_path="/srv/site/media/cats", static_root_parent="media")
        assert location_of_new(on_s3) == "s3://my-bucket/cats/a.txt"


def test_a_saver_brings_its_options(tmp_path: Path) -> None:
    """Bucket, folders, credentials: what it would save to is where files go."""
    saver = S3Saver(
        "s3",
        "my-bucket",
        "id",
        "secret",
        base_path=tmp_path / "static" / "uploads",
        static_root_parent=str(tmp_path),
        region="eu-north-1",
    )
    field = make_field(storage=saver)
    storage = field.files.storages.current

    assert field.files.sources.location == ("s3", "my-bucket")
    assert isinstance(storage, S3Storage)
    assert storage.key("a.txt") == "static/uploads/a.txt"
    assert storage.client.meta.region_name == "eu-north-1"


def test_a_field_takes_a_saver_with_its_fields(tmp_path: Path) -> None:
    """The names of the object's fields, too, and the size's."""
    saver = S3Saver(
        base_path=tmp_path,
        storage_type_field="kind",
        bucket_name_field="bucket",
        filesize_field="size",
    )

    class Thing:
        file = None
        kind = None
        bucket = None
        size = None

    thing, field = Thing(), make_field(storage=saver)
    field.data = FileStorage(io.BytesIO(b"four"), "a.txt")
    field.populate_obj(thing, "file")

    assert vars(thing) == {"file": "a.txt", "kind": "", "bucket": "", "size": 4}
    assert (tmp_path / "a.txt").read_bytes() == b"four"


def test_a_ready_storage_of_another_kind_is_local_to_objects() -> None:
    """Their fields call everything but S3 ''."""
    storage = MemoryStorage()
    field = make_field(storage=storage)

    assert field.files.sources.location == ("", "")
    assert field.files.storages.current is storage
    assert field.files.storages.find("", "") is storage


def test_a_ready_bucket_is_where_new_files_go_and_the_disk_keeps_its_own(tmp_path: Path) -> None:
    """Rows that say '' are on the disk of base_path, or nowhere without one."""
    ready = S3Storage("my-bucket", prefix="cats", **KEYS)
    field = make_field(storage=ready, base_path=tmp_path)
    assert field.files.storages.current is ready
    assert location(field.files.stored("a.txt", "", "")) == str(tmp_path / "a.txt")
    with pytest.raises(NotConfiguredError, match="set base_path"):
        make_field(storage=ready).files.storages.find("", "")


# What the app states for all

SHARED: dict[str, Any] = {
    "S3_BUCKET_NAME": "shared",
    "S3_REGION": "eu-north-1",
    "S3_ENDPOINT_URL": "http://127.0.0.1:9000",
    "S3_ACCESS_KEY_ID": 12345,  # as an environment variable of digits arrives
    "S3_ACCESS_KEY_SECRET": "secret",
    "S3_URL_STYLE": "path",
}


def url_of_new(field: Any) -> str:
    return str(field.previews.urls.find(field.files.storages.current, "a.txt"))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "s3://shared/a.txt"),
        ({"bucket_name": "own"}, "s3://own/a.txt"),
        ({"storage_type": "s3"}, "s3://shared/a.txt"),
        ({"storage_type": "", "base_path": "/srv/cats"}, "/srv/cats/a.txt"),
        ({"storage": LocalStorage("/srv/dogs")}, "/srv/dogs/a.txt"),
        ({"storage": S3Saver(base_path="/srv/fish")}, "/srv/fish/a.txt"),
        ({"storage": S3Storage("ready")}, "s3://ready/a.txt"),
    ],
)
def test_what_options_do_not_say_the_app_does(options: dict[str, Any], found: str) -> None:
    """An app states its bucket once; what is said of one field goes over it."""
    app = Flask("site")
    app.config.update(SHARED)
    with app.app_context():
        assert location_of_new(make_field(**options)) == found


def test_use_s3_turns_to_disk_and_files_of_the_bucket_are_still_found() -> None:
    """The switch is for new files; an environment variable is a text."""
    app = Flask("site")
    app.config.update(SHARED, USE_S3="False")
    with app.app_context():
        field = make_field(base_path="/srv/cats")
        assert location_of_new(field) == "/srv/cats/a.txt"
        assert location(field.files.stored("a.txt", "s3", "shared")) == "s3://shared/a.txt"


def test_settings_are_looked_up_when_they_are_used() -> None:
    """A view is made before the app has its settings, and one view may be in two apps."""

    class ThingForm(Form):
        file = S3FileUploadField(base_path="/srv/cats")

    app, other = Flask("one"), Flask("two")
    app.config.update(SHARED)
    with app.app_context():
        assert location_of_new(ThingForm().file) == "s3://shared/a.txt"
    with other.app_context():
        assert location_of_new(ThingForm().file) == "/srv/cats/a.txt"


def test_urls_are_those_of_the_shared_settings() -> None:
    """Signed by the shared keys unless S3_PRIVATE is off, for the address that browsers reach."""
    app = Flask("site")
    app.config.update(SHARED)
    with app.app_context():
        url = url_of_new(make_field())
        assert url.startswith("http://127.0.0.1:9000/shared/a.txt?")
        assert "X-Amz-Credential=12345%2F" in url
        app.config["S3_PUBLIC_ENDPOINT_URL"] = "https://s3.example.com"
        assert url_of_new(make_field()).startswith("https://s3.example.com/shared/a.txt?")
        app.config["S3_PRIVATE"] = "no"
        assert url_of_new(make_field()) == "https://s3.example.com/shared/a.txt"
        assert "X-Amz-Signature=" in url_of_new(make_field(private=True))
        app.config["S3_CDN_DOMAIN"] = "cdn.example.com"
        assert url_of_new(make_field()) == "https://cdn.example.com/a.txt"


def test_new_objects_are_kept_as_the_app_says() -> None:
    """The shared storage class, encryption and ACL are those of a field's bucket, too."""
    app = Flask("site")
    app.config.update(SHARED, S3_ACL="private", S3_STORAGE_CLASS="STANDARD_IA")
    with app.app_context():
        shared = make_field().files.sources.s3_options
        own = make_field(acl="public-read").files.sources.s3_options
        assert (shared["acl"], own["acl"]) == ("private", "public-read")
        assert shared["storage_class"] == own["storage_class"] == "STANDARD_IA"


def test_a_wrong_shared_setting_is_named(make_site: MakeSite, disk: DiskPlace) -> None:
    """When a form needs it; so is one that is spelt wrong."""
    site = make_site(S3FileUploadField, disk.options)
    site.app.config.update(PROPAGATE_EXCEPTIONS=True, USE_S3="perhaps")
    with pytest.raises(ConfigError, match="USE_S3 must be True or False"):
        site.client.get("/admin/thing/new/")
    site.app.config["USE_S3"] = None
    site.app.config["S3_REGOIN"] = "eu-north-1"
    with pytest.raises(ConfigError, match="S3_REGOIN is not a setting: did you mean S3_REGION?"):
        site.client.get("/admin/thing/new/")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("S3_BUCKET_NAME", "arn:aws:s3:eu-north-1:123456789012:accesspoint/x"),
        ("S3_ENDPOINT_URL", "http://s3.test/shared"),
        ("S3_PUBLIC_ENDPOINT_URL", "s3.test"),
        ("S3_CDN_DOMAIN", "https://cdn.example.com/"),
        ("S3_REGION", "eu north"),
    ],
)
def test_a_shared_setting_of_which_no_url_can_be_made_is_named(setting: str, value: str) -> None:
    """When the first form is made, and not when a page with a file is."""
    app = Flask("site")
    app.config.update({**SHARED, setting: value})
    with app.app_context(), pytest.raises(ConfigError, match=f"{setting} must be") as raised:
        make_field()
    assert raised.value.setting == setting


def test_a_site_on_the_shared_bucket(make_site: MakeSite, s3: S3Place) -> None:
    """The field says nothing of S3: the file is in the shared bucket, and its row says so."""
    server = s3.server
    options = {"base_path": str(s3.folder), "static_root_parent": str(s3.folder.parents[1])}
    site = make_site(S3FileUploadField, {**options, **TRACKED})
    site.app.config.update(
        S3_BUCKET_NAME=s3.bucket_name,
        S3_REGION=server.region,
        S3_ENDPOINT_URL=server.endpoint_url,
        S3_ACCESS_KEY_ID=server.access_key_id,
        S3_ACCESS_KEY_SECRET=server.access_key_secret,
    )

    assert site.new(file=("a.txt", b"a")).status_code == 302

    row = site.row()
    assert (row.file, row.storage_type, row.bucket_name) == ("a.txt", "s3", s3.bucket_name)
    assert s3.read("a.txt") == b"a"
    (url,) = site.form().links("a.txt")
    assert "X-Amz-Signature=" in url


# What rows may reach

SECRET = "salaries.csv"


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
@pytest.mark.parametrize("way", ["options", "ready", "saver"])
def test_a_row_leads_into_no_bucket_that_is_not_configured(
    make_site: MakeSite,
    s3: S3Place,
    make_s3_bucket: Any,
    caplog: pytest.LogCaptureFixture,
    field_class: Any,
    way: str,
) -> None:
    """The keys may open more buckets than the field is for: none of them is read from, deleted in
    or signed for, whatever the row says, and the page shows the name alone.
    """
    from dataclasses import replace

    payroll = replace(s3, bucket_name=make_s3_bucket())
    payroll.write(SECRET, b"secret")
    payroll.write("salaries_thumb.csv", b"secret")
    ready = S3Storage(s3.bucket_name, client=s3.client, prefix="static/uploads")
    saver = S3Saver(
        "s3",
        s3.bucket_name,
        base_path=s3.folder,
        static_root_parent=s3.folder.parents[1],
        client=s3.client,
    )
    options = {"options": s3.options, "ready": {"storage": ready}, "saver": {"storage": saver}}[way]
    formatters = {"column_formatters": {"file": s3_thumbnail_formatter}}
    site = make_site(field_class, {**options, **TRACKED}, view_attributes=formatters)
    for number in range(3):
        site.insert(
            title=str(number), file=SECRET, storage_type="s3", bucket_name=payroll.bucket_name
        )

    for page in (site.list(), site.form()):
        assert SECRET in page.html
        assert (page.pictures, page.links(SECRET)) == ([], [])
    lines = [record.message for record in caplog.records if "without a link" in record.message]
    assert len(lines) == 2, "one for each page"
    assert f"s3://{payroll.bucket_name} is not one of the buckets" in lines[0]
    assert "S3_ALLOWED_BUCKETS" in lines[0]

    assert site.edit("0", file=("new.png", picture()), id=1).status_code == 302
    site.edit("1", extra={"_file-delete": "on"}, id=2)
    site.delete(3)
    assert (site.value(1), site.value(2), site.row(3)) == ("new.png", None, None)
    assert payroll.names() == [SECRET, "salaries_thumb.csv"]


def test_a_list_of_files_in_a_bucket_that_is_not_configured_takes_no_more(
    make_site: MakeSite, s3: S3Place, caplog: pytest.LogCaptureFixture
) -> None:
    """New files would have to go where the others are: the log says why they do not."""
    from sqlalchemy import JSON

    site = make_site(S3MultipleFileUploadField, {**s3.options, **TRACKED}, column=JSON)
    site.insert(title="one", file=["a.txt"], storage_type="s3", bucket_name="payroll")

    response = site.edit(file=[("b.txt", b"b")])

    assert "The file could not be stored:" in response.text
    assert "s3://payroll is not one of the buckets that may be reached" in caplog.text
    assert site.value() == ["a.txt"]


def test_a_row_on_s3_in_an_app_whose_settings_are_gone_shows_its_name(
    make_site: MakeSite, disk: DiskPlace, caplog: pytest.LogCaptureFixture
) -> None:
    """No wrong URL, no page that fails, and one line in the log."""
    formatters = {"column_formatters": {"file": s3_thumbnail_formatter}}
    site = make_site(S3ImageUploadField, {**disk.options, **TRACKED}, view_attributes=formatters)
    for number in range(3):
        site.insert(title=str(number), file="a.png", storage_type="s3", bucket_name="gone")

    page = site.list()

    assert page.html.count("a.png") == 3
    assert (page.pictures, page.links("a.png")) == ([], [])
    (record,) = caplog.records
    assert "no bucket is configured; set bucket_name or S3_ALLOWED_BUCKETS" in record.message


@pytest.mark.parametrize("change", ["replace", "delete"])
def test_a_file_of_an_unknown_storage_type_is_left_alone(
    make_site: MakeSite, disk: DiskPlace, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    """The row can be edited and deleted; the log says that nobody knows where its file is."""
    site = make_site(S3ImageUploadField, {**disk.options, **TRACKED})
    disk.write("a.png", b"another's")
    site.insert(title="one", file="a.png", storage_type="gcs")

    if change == "delete":
        site.delete()
        assert site.row() is None
    else:
        site.edit(file=("b.png", picture()))
        assert (site.value(), site.row().storage_type) == ("b.png", "")

    assert "a.png" in disk.names()
    assert "'a.png' is left alone: storage_type must be 's3'" in caplog.text


def test_an_upload_that_nobody_has_committed_is_no_row_s(make_site: MakeSite, place: Any) -> None:
    """A row that names one shows no link to it, and deletes it not."""
    site = make_site(S3FileUploadField, place.options)
    place.write(".pending/0123.txt", b"somebody's")
    site.insert(title="one", file=".pending/0123.txt")

    assert site.form().links("0123") == []
    site.delete()

    assert place.names() == [".pending/0123.txt"]


def test_an_upload_that_waits_for_another_package_is_no_row_s(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """Where flask_s3_upload keeps files in the same folder, or below it."""
    site = make_site(S3FileUploadField, disk.options)
    registry = PrefixRegistry.of(site.app.extensions)
    registry.announce_pending("flask_s3_upload", folder=disk.folder / "up/pending")
    disk.write("up/pending/0123.txt", b"somebody's")
    site.insert(title="one", file="up/pending/0123.txt")

    assert site.form().links("0123") == []
    site.delete()

    assert disk.names() == ["up/pending/0123.txt"]


def test_files_of_one_place_are_one_whichever_field_leads_there(tmp_path: Path) -> None:
    """A folder below the root of another storage, or a prefix in the same bucket."""
    above = make_field(base_path=tmp_path)
    below = make_field(base_path=tmp_path / "cats")
    assert location_of_new(above, "cats/a.txt") == location_of_new(below)
    client = S3Storage("my-bucket", **KEYS)
    assert location_of_new(make_field(storage=client), "cats/a.txt") == location_of_new(
        make_field(storage=client.derive(prefix="cats"))
    )
    memory = [make_field(storage=MemoryStorage()) for _ in range(2)]
    assert location_of_new(memory[0]) != location_of_new(memory[1])
    assert isinstance(memory[0].files.stored("a.txt", "", ""), StoredFile)
