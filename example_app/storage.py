"""From the app's settings to s3_saver and url_for_s3: where uploads are, and their URLs."""

from typing import Any

from flask import current_app as app
from flask import url_for

from s3_saver import LocalStorage, S3Saver, S3Storage, Storage
from url_for_s3 import presign_url_for_s3, url_for_s3

# A signed URL stays the same for an hour, so that browsers cache the picture, and works for at
# least one more.
_HOUR = 3600


def picture_saver() -> S3Saver:
    """Make the saver that puts new pictures where the settings say.

    It finds and deletes earlier ones wherever they are: each picture's own fields say that.
    """
    config = app.config
    return S3Saver(
        storage_type="s3" if config["USE_S3"] else None,
        bucket_name=config["S3_BUCKET_NAME"],
        field_name="image",
        storage_type_field="image_storage_type",
        bucket_name_field="image_storage_bucket_name",
        filesize_field="image_size",
        base_path=config["UPLOADS_FOLDER"],
        static_root_parent=config["STATIC_ROOT_PARENT"],
        **_s3_options(),
    )


def folder_storage(folder: str, bucket_name: str) -> Storage:
    """Make the storage of what is in a folder.

    :param folder: in a bucket, its prefix, such as ``'static/thumbnails'``; on disk, its path.
    :param bucket_name: ``''`` for the disk.
    """
    if not bucket_name:
        return LocalStorage(folder)
    return S3Storage(bucket_name, prefix=folder, **_s3_options())


def upload_url(filename: str, storage_type: str, bucket_name: str) -> str:
    """Give the URL of an upload, from where it is stored.

    :param filename: relative to the uploads folder.
    :param storage_type: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: with ``'s3'``.
    :raises ValueError: there is no such storage type.
    """
    if not storage_type:
        return url_for("thingy.picture", folder="uploads", filename=filename)
    if storage_type != "s3":
        raise ValueError(f"storage type {storage_type!r} is not known: 's3', or '' for the disk")
    region, endpoint_url = app.config["S3_REGION"], app.config["S3_ENDPOINT_URL"]
    if not app.config["S3_PRIVATE"]:
        return url_for_s3(
            "static/uploads",
            bucket_name,
            filename=filename,
            region=region,
            endpoint_url=endpoint_url,
        )
    return presign_url_for_s3(
        "static/uploads",
        bucket_name,
        filename=filename,
        region=region,
        endpoint_url=endpoint_url,
        credentials=S3Storage(bucket_name, **_s3_options()).credentials,
        expires=_HOUR,
        stable_for=_HOUR,
    )


def _s3_options() -> dict[str, Any]:
    """Where S3 is, and the keys for it; without keys the AWS SDK looks for some."""
    config = app.config
    return {
        "access_key_id": config["S3_ACCESS_KEY_ID"],
        "access_key_secret": config["S3_ACCESS_KEY_SECRET"],
        "session_token": config["S3_SESSION_TOKEN"],
        "region_name": config["S3_REGION"],
        "endpoint_url": config["S3_ENDPOINT_URL"],
    }
