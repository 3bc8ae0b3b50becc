"""Where upload fields keep files is announced, so that no push takes and no policy opens them."""

from pathlib import Path
from typing import Any

import pytest
from admin_site import MakeSite
from flask import Flask
from places import DiskPlace, S3Place

from flask_admin_s3_upload import S3FileUploadField
from s3_saver import LocalStorage, PrefixRegistry, S3Saver, S3Storage
from s3_saver.testing import MemoryStorage

OWNER = "flask_admin_s3_upload"
S3_OPTIONS: dict[str, Any] = {"storage_type": "s3", "bucket_name": "media"}


def announced(app: Flask) -> list[str]:
    """What the app's registry says, once the app is used."""
    with app.app_context():
        registry = PrefixRegistry.of(app.extensions)
    assert all(one.owner == OWNER for one in registry)
    return [str(one).removesuffix(f" (of {OWNER})") for one in registry]


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ({"base_path": "/srv/cats"}, ["/srv/cats/"]),
        ({"base_path": Path("/srv/cats")}, ["/srv/cats/"]),
        (
            {"base_path": "/srv", "relative_path": "cats"},
            ["/srv/cats/", "/srv/.pending/"],
        ),
        (
            {**S3_OPTIONS, "base_path": "/srv/media/cats", "static_root_parent": "/srv/media"},
            ["/srv/media/cats/", "s3://media/cats/"],
        ),
        (
            {**S3_OPTIONS, "relative_path": "cats/"},
            ["s3://media/cats/", "s3://media/.pending/"],
        ),
        (S3_OPTIONS, []),
        ({"storage": S3Storage("media", prefix="cats")}, ["s3://media/cats/"]),
        ({"storage": LocalStorage("/srv/cats")}, ["/srv/cats/"]),
        ({"storage": MemoryStorage()}, []),
        (
            {
                "storage": S3Saver(
                    "s3", "media", base_path="/srv/media/cats", static_root_parent="/srv/media"
                )
            },
            ["/srv/media/cats/", "s3://media/cats/"],
        ),
        ({"base_path": lambda: "/srv/cats"}, []),
        (
            {**S3_OPTIONS, "base_path": lambda: 1 / 0, "static_root_parent": "/srv"},
            [],
        ),
        ({"storage_type": "s3"}, []),
    ],
)
def test_what_is_known_of_a_field_is_announced(
    make_site: MakeSite, options: dict[str, Any], places: list[str]
) -> None:
    """Its folder, or the part of it for new files; its prefix in its bucket, but not the root. What
    is wrong or only known in a request breaks nothing.
    """
    site = make_site(S3FileUploadField, options)
    assert announced(site.app) == places


def test_buckets_that_rows_may_name_are_announced_too(make_site: MakeSite) -> None:
    """And what the app's settings say where the options do not."""
    site = make_site(S3FileUploadField, {"relative_path": "cats"})
    site.app.config.update(S3_BUCKET_NAME="media", S3_ALLOWED_BUCKETS=["old-media"])

    places = announced(site.app)

    assert [one for one in places if "pending" not in one] == [
        "s3://media/cats/",
        "s3://old-media/cats/",
    ]


def test_a_view_that_is_added_later_is_announced(make_site: MakeSite) -> None:
    """Even after the app was used."""
    site = make_site(S3FileUploadField, {"base_path": "/srv/cats"})
    assert announced(site.app) == ["/srv/cats/"]
    (admin,) = site.app.extensions["admin"]
    view = type("OtherView", (type(site.view),), {"form_args": {"file": {"base_path": "/srv/o"}}})

    with site.app.app_context():
        admin._views.append(view(site.Thing, site.view.session, endpoint="other"))

    assert announced(site.app) == ["/srv/cats/", "/srv/o/"]


@pytest.mark.parametrize("owner", ["flask_s3_upload", "flask_thumbnails_s3"])
def test_another_s_folder_is_a_warning(
    make_site: MakeSite, disk: DiskPlace, caplog: pytest.LogCaptureFixture, owner: str
) -> None:
    """In the log, once; the app's own uploads are of the same rows, and none."""
    site = make_site(S3FileUploadField, disk.options)
    folder = disk.folder / "thumbnails"
    PrefixRegistry.of(site.app.extensions).announce(owner, folder=folder)
    for _ in range(2):
        assert site.client.get("/admin/thing/").status_code == 200

    found = [record.message for record in caplog.records if str(folder) in record.message]
    assert len(found) == (0 if owner == "flask_s3_upload" else 1)


def test_a_site_s_files_are_found_by_key_and_by_path(make_site: MakeSite, s3: S3Place) -> None:
    """As pushes and policies ask for them, who take none that somebody else keeps."""
    site = make_site(S3FileUploadField, s3.options)
    site.new(file=("a.txt", b"a"))
    registry = PrefixRegistry.of(site.app.extensions)

    (key,) = [each["Key"] for each in s3.client.list_objects_v2(Bucket=s3.bucket_name)["Contents"]]
    for one in (
        registry.find_key(s3.bucket_name, key),
        registry.find_path(s3.folder / "a.txt"),
    ):
        assert one is not None
        assert one.owner == OWNER
    assert registry.find_key(s3.bucket_name, "static/css/style.css") is None
