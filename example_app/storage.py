"""From the app's settings to s3_saver and url_for_s3: where uploads are, and their URLs."""

from flask import current_app as app
from flask import url_for

from example_app.wiring import UPLOADS, s3_options, url_options
from s3_saver import S3Saver, S3Storage
from url_for_s3 import presign_url_for_s3, url_for_s3

# A signed URL stays the same for an hour, so that browsers cache the picture, and works for at
# least one more.
_HOUR = 3600


def saver_of(field: str, *, size_field: str | None = None) -> S3Saver:
    """Make the saver that puts new files where the settings say.

    It finds and deletes earlier ones wherever they are: each row's own fields say that.

    :param field: of the models that have such files, as ``'image'``.
    :param size_field: that of the file's size in bytes, if they have one.
    """
    config = app.config
    return S3Saver(
        storage_type="s3" if config["USE_S3"] else None,
        bucket_name=config["S3_BUCKET_NAME"],
        field_name=field,
        storage_type_field=f"{field}_storage_type",
        bucket_name_field=f"{field}_storage_bucket_name",
        filesize_field=size_field,
        base_path=config["UPLOADS_FOLDER"],
        static_root_parent=config["STATIC_ROOT_PARENT"],
        **s3_options(config),
    )


def picture_saver() -> S3Saver:
    return saver_of("image", size_field="image_size")


def upload_url(filename: str, storage_type: str, bucket_name: str) -> str:
    """Give the URL of an upload, from where it is stored.

    :param filename: relative to the uploads folder.
    :param storage_type: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: with ``'s3'``.
    :raises ValueError: there is no such storage type.
    """
    if not storage_type:
        return url_for("static", filename=f"uploads/{filename}")
    if storage_type != "s3":
        raise ValueError(f"storage type {storage_type!r} is not known: 's3', or '' for the disk")
    where = url_options(app.config)
    if not app.config["S3_PRIVATE"]:
        return url_for_s3(UPLOADS, bucket_name, filename=filename, **where)
    return presign_url_for_s3(
        UPLOADS,
        bucket_name,
        filename=filename,
        credentials=S3Storage(bucket_name, **s3_options(app.config)).credentials,
        expires=_HOUR,
        stable_for=_HOUR,
        **where,
    )
