"""Where originals and thumbnails are: folders, prefixes in a bucket, paths of static files."""

import os
from dataclasses import dataclass
from typing import Self

from flask import Flask

from s3_saver.settings import SettingsReader

#: In the instance folder; also the prefix in a bucket, unless the app sets a folder.
THUMBNAILS = "thumbnails"


@dataclass(frozen=True, kw_only=True)
class Folders:
    """The folders of one app. None of them holds another, on disk or in a bucket.

    :param originals: the absolute path of ``MEDIA_FOLDER``.
    :param originals_prefix: of its files in every bucket, such as ``'uploads'``.
    :param originals_path: of its files below the static folder, such as ``'uploads/'``; ``None`` if
        the app's own route sends them.
    :param thumbnails: the absolute path of ``MEDIA_THUMBNAIL_FOLDER``; the others are its, too.
    """

    originals: str
    originals_prefix: str
    originals_path: str | None
    thumbnails: str
    thumbnails_prefix: str
    thumbnails_path: str | None

    @classmethod
    def of_thumbnails(cls, folder: str) -> Self:
        """Return the folder of thumbnails alone: somebody else keeps the originals."""
        return cls(
            originals="",
            originals_prefix="",
            originals_path=None,
            thumbnails=folder,
            thumbnails_prefix="",
            thumbnails_path=None,
        )


def thumbnails_folder(reader: SettingsReader, app: Flask, store: str = "") -> str:
    """Return the absolute path of the folder of thumbnails on disk.

    :param store: of the originals; each has a folder of its own.
    """
    instance = app.instance_path
    folder = reader.path("MEDIA_THUMBNAIL_FOLDER", THUMBNAILS, root=instance)
    folder = folder or os.path.join(instance, THUMBNAILS)
    return f"{folder}-{store}" if store else folder


def read_folders(reader: SettingsReader, app: Flask) -> Folders:
    """Read the settings of folders; relative ones are relative to ``app.instance_path``.

    :raises ConfigError: one is missing or wrong, or holds another.
    """
    instance = app.instance_path
    originals = reader.path("MEDIA_FOLDER", root=instance)
    if not originals:
        raise reader.missing(
            "MEDIA_FOLDER", "set it to the folder of the originals, such as 'uploads'"
        )
    thumbnails = thumbnails_folder(reader, app)
    for folder, other in ((originals, thumbnails), (thumbnails, originals)):
        if path_below(folder, other) is not None:
            raise reader.wrong(
                "MEDIA_THUMBNAIL_FOLDER"
                if reader.is_set("MEDIA_THUMBNAIL_FOLDER")
                else "MEDIA_FOLDER",
                f"a folder of its own, but MEDIA_FOLDER is {originals!r} and thumbnails are in "
                f"{thumbnails!r}",
                ": an upload that is named like a thumbnail would be taken for one",
            )
    originals_prefix, thumbnails_prefix = _prefixes(reader, instance, originals, thumbnails)
    return Folders(
        originals=originals,
        originals_prefix=originals_prefix,
        originals_path=_static_path(reader, "MEDIA_URL", "MEDIA_FOLDER", originals, app),
        thumbnails=thumbnails,
        thumbnails_prefix=thumbnails_prefix,
        thumbnails_path=_static_path(
            reader, "MEDIA_THUMBNAIL_URL", "MEDIA_THUMBNAIL_FOLDER", thumbnails, app
        ),
    )


def path_below(folder: str, root: str) -> str | None:
    """Return a folder's path below another, such as ``'a/b/'``, or ``''`` for the same folder;
    ``None`` if it is not below it.
    """
    if folder == root:
        return ""
    start = root.rstrip(os.sep) + os.sep
    if not folder.startswith(start):
        return None
    return folder.removeprefix(start).replace(os.sep, "/") + "/"


def is_static(folder: str, app: Flask) -> bool:
    """Report whether Flask serves the files of a folder to everybody."""
    return bool(app.static_folder) and path_below(folder, str(app.static_folder)) is not None


def _prefixes(
    reader: SettingsReader, instance: str, originals: str, thumbnails: str
) -> tuple[str, str]:
    """Return the prefixes of the folders in a bucket: their paths below
    ``THUMBNAIL_S3_STATIC_ROOT_PARENT``.
    """
    key = "THUMBNAIL_S3_STATIC_ROOT_PARENT"
    root = reader.path(key, root=instance)
    if not root:
        is_inside = path_below(originals, instance)
        root = instance if is_inside else os.path.dirname(originals)
    first, second = path_below(originals, root) or "", f"{THUMBNAILS}/"
    if reader.is_set("MEDIA_THUMBNAIL_FOLDER"):
        second = path_below(thumbnails, root) or ""
    has_bucket = bool(reader.text("S3_BUCKET_NAME"))
    if has_bucket and (not first or not second):
        raise reader.wrong(
            key,
            f"a folder above both MEDIA_FOLDER, which is {originals!r}, and "
            f"MEDIA_THUMBNAIL_FOLDER, which is {thumbnails!r}",
            ": what a path has below it is the key in the bucket",
        )
    if has_bucket and (first.startswith(second) or second.startswith(first)):
        raise reader.wrong(
            "MEDIA_FOLDER", f"another folder than {THUMBNAILS!r}, which is that of thumbnails"
        )
    return first.rstrip("/"), second.rstrip("/")


def _static_path(
    reader: SettingsReader, key: str, folder_key: str, folder: str, app: Flask
) -> str | None:
    """Return the path of a folder's files below the static folder, by the setting or, without one,
    if the folder is there.
    """
    below = path_below(folder, app.static_folder) if app.static_folder else None
    if not reader.is_set(key):
        return below
    url = reader.text(key)
    rule = f"the path of {folder_key} below the static folder, such as 'pictures/'"
    if "://" in url or url.startswith("//"):
        raise reader.wrong(key, rule, ": without it, the app's own route sends the files")
    path = f"{url.strip('/')}/".lstrip("/")
    static = f"{(app.static_url_path or '').strip('/')}/".lstrip("/")
    # As pages have it. Without the slash it may be a folder of that name, unless we know.
    if path != below and (url.startswith("/") or below is not None):
        path = path.removeprefix(static)
    if below is not None and path != below:
        raise reader.wrong(key, f"{below!r}, {rule.partition(',')[0]}", ", or left out")
    return path
