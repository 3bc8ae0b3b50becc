"""Where files are, by options and by what an object says; and their URLs."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_admin_s3_upload._places import File, Places
from flask_admin_s3_upload._urls import Urls
from s3_saver import LocalStorage, S3Saver, S3Storage, UnsafeNameError
from s3_saver.testing import MemoryStorage

KEYS: dict[str, Any] = {"access_key_id": "id", "access_key_secret": "secret"}


def s3(**options: Any) -> Places:
    given = {"storage_type": "s3", "bucket_name": "my-bucket", "s3_options": KEYS}
    return Places(**{**given, **options})


def location(places: Places, name: str = "a.txt") -> str:
    return File(places.current.storage, name).location


def test_keys_are_paths_below_static_root_parent() -> None:
    """As in 0.1.4; without it they are names, and base_path may be missing."""
    parent = {"base_path": "/srv/site/static/uploads", "static_root_parent": "/srv/site/app/.."}
    assert location(s3(**parent)) == "s3://my-bucket/static/uploads/a.txt"
    assert location(s3(base_path="/srv/site")) == "s3://my-bucket/a.txt"
    assert location(s3(base_path="/srv", static_root_parent="/srv")) == "s3://my-bucket/a.txt"
    assert location(s3()) == "s3://my-bucket/a.txt"


def test_a_base_path_elsewhere_is_an_error() -> None:
    """It names both options."""
    places = s3(base_path="/srv/other", static_root_parent="/srv/site")

    with pytest.raises(ValueError, match="'/srv/other' is not below static_root_parent '/srv/site"):
        _ = places.current


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage_type": "gcs"}, "storage_type 'gcs' is not known"),
        ({"bucket_name": ""}, "bucket_name is missing"),
        ({"storage_type": ""}, "base_path is missing"),
    ],
)
def test_what_is_missing_is_named(options: dict[str, str], message: str) -> None:
    """When it is needed."""
    with pytest.raises(ValueError, match=message):
        _ = s3(**options).current


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
    place = Places.of_saver(saver).current

    assert place[1:] == ("s3", "my-bucket")
    assert isinstance(place.storage, S3Storage)
    assert place.storage.key("a.txt") == "static/uploads/a.txt"
    assert place.storage.client.meta.region_name == "eu-north-1"


def test_a_field_takes_a_saver_with_its_fields(tmp_path: Path) -> None:
    """The names of the object's fields, too, and the size's."""
    import io

    from werkzeug.datastructures import FileStorage
    from wtforms import Form

    from flask_admin_s3_upload import S3FileUploadField

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

    class ThingForm(Form):
        file = S3FileUploadField(storage=saver)

    thing, form = Thing(), ThingForm()
    form.file.data = FileStorage(io.BytesIO(b"four"), "a.txt")
    form.file.populate_obj(thing, "file")

    assert vars(thing) == {"file": "a.txt", "kind": "", "bucket": "", "size": 4}
    assert (tmp_path / "a.txt").read_bytes() == b"four"


def test_a_ready_storage_of_another_kind_is_local_to_objects() -> None:
    """Their fields call everything but S3 ''."""
    storage = MemoryStorage()
    places = Places(storage=storage)

    assert places.current == (storage, "", "")
    assert places.find("", "").storage is storage


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "a\\b", "", "a//b", "a\0b"])
@pytest.mark.parametrize("storage", [LocalStorage("/srv"), S3Storage("my-bucket"), MemoryStorage()])
def test_no_url_leads_out(storage: Any, name: str) -> None:
    """For no storage is there a URL of an unsafe name."""
    with pytest.raises(UnsafeNameError):
        Urls(endpoint="static").find(storage, name)


def test_urls_on_s3() -> None:
    """The region's host, or the endpoint's; signed unless the public may read."""
    amazon = S3Storage("my-bucket", region="eu-north-1", **KEYS)
    public = Urls(private=False)
    assert public.find(amazon, "a b.txt") == (
        "https://my-bucket.s3.eu-north-1.amazonaws.com/a%20b.txt"
    )
    minio = S3Storage("my-bucket", endpoint_url="http://127.0.0.1:9000", region="x", **KEYS)
    assert public.find(minio, "a.txt") == "http://127.0.0.1:9000/my-bucket/a.txt"
    signed = Urls().find(amazon, "a.txt")
    assert signed is not None
    assert "X-Amz-Signature=" in signed
    assert "%2Feu-north-1%2Fs3%2F" in signed
    assert Urls(acl="public-read").find(amazon, "a.txt") == public.find(amazon, "a.txt")
    assert "X-Amz-Signature=" in (Urls(acl="public-read", private=True).find(amazon, "a") or "")


def test_a_signed_url_is_the_same_for_a_while() -> None:
    """So that browsers cache the preview: it changes by the hour, not by the page."""
    storage = S3Storage("my-bucket", region="eu-north-1", **KEYS)
    found = {Urls().find(storage, "a.txt") for _ in range(3)}

    assert len(found) <= 2  # the hour may turn in between


def test_private_excludes_a_cdn() -> None:
    """Asked for signed, it never gives unsigned."""
    with pytest.raises(ValueError, match="private=True and cdn_domain='cdn.example.com' exclude"):
        Urls(private=True, cdn_domain="cdn.example.com")


def test_files_in_the_static_folder_have_a_url_without_an_endpoint(tmp_path: Path) -> None:
    """By where they are."""
    app = Flask("site", static_folder=str(tmp_path / "static"))
    with app.test_request_context():
        inside = LocalStorage(tmp_path / "static" / "up")
        assert Urls().find(inside, "a.txt") == "/static/up/a.txt"
        assert Urls().find(LocalStorage(tmp_path / "private"), "a.txt") is None
        assert Urls().find(MemoryStorage(), "a.txt") is None
