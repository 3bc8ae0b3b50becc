"""The storages of an app's uploads: made from the settings, announced, and saved into."""

import os
import posixpath
from typing import IO, Unpack

from flask import Flask

from s3_saver import (
    AlreadyExistsError,
    LocalStorage,
    ObjectOptions,
    PrefixRegistry,
    S3Storage,
    Storages,
    StoredFile,
    location_of,
)
from s3_saver.settings import ConfigError as SettingError
from untrusted_files import CheckedFile, is_shown_inline

from ._names import PENDING, candidates
from ._options import Options
from ._settings import Settings
from ._signing import Signer
from ._urls import Urls
from .exceptions import ConfigError

# The admin may keep the files of the same rows in the same folder.
_SHARES_WITH = ("flask_admin_s3_upload",)


def make_storages(settings: Settings, signer: Signer, options: Options) -> tuple[Storages, Urls]:
    """Make the storages that settings and code mean, and what makes the URLs of their files."""
    storage = options.storage
    storages = settings.s3.storages(
        settings.folder if storage is None else lambda: storage,
        prefix=settings.s3_prefix,
        store=settings.store.name,
        url=lambda file: urls.url(file),
        permanent_url=lambda file: urls.permanent_url(file),
        download_url=lambda file, inline: urls.download_url(file, inline),
        folder_setting=settings.store.key("UPLOADS_FOLDER"),
    )
    urls = Urls(
        settings,
        signer,
        storages.storage_of,
        show=options.url,
        is_asked=options.authorize_read is not None,
    )
    return storages, urls


def announce(app: Flask, settings: Settings, storages: Storages) -> None:
    """Announce where files of users are, so that no push takes and no policy opens them.

    :raises ConfigError: another extension keeps its own files there.
    """
    registry, owner = PrefixRegistry.of(app.extensions), settings.store.owner
    buckets = {settings.s3.bucket_name, *settings.s3.allowed_buckets} - {""}
    try:
        registry.announce(owner, folder=settings.spool_folder, shares_with=_SHARES_WITH)
        disk = storages.find("")
        if isinstance(disk, LocalStorage):  # of what is kept elsewhere, its storage knows
            registry.announce(owner, folder=disk.root, shares_with=_SHARES_WITH)
            registry.announce_pending(owner, folder=os.path.join(disk.root, PENDING))
        for bucket_name in sorted(buckets):
            registry.announce(
                owner,
                storage_type="s3",
                bucket_name=bucket_name,
                prefix=settings.s3_prefix,
                shares_with=_SHARES_WITH,
            )
            registry.announce_pending(
                owner,
                storage_type="s3",
                bucket_name=bucket_name,
                prefix=posixpath.join(settings.s3_prefix, PENDING),
            )
    except SettingError as error:
        folder, prefix = map(settings.store.key, ("UPLOADS_FOLDER", "UPLOADS_S3_PREFIX"))
        message = f"{error}; those of {owner} are {folder} and {prefix}"
        raise ConfigError(message, setting=folder) from error


def save_checked(
    storages: Storages,
    name: str,
    file: IO[bytes],
    checked: CheckedFile,
    *,
    filename: str,
    overwrite: bool,
    **options: Unpack[ObjectOptions],
) -> StoredFile:
    """Save a file that keeps the rules, under its name or, if that is taken, one with an id.

    :raises AlreadyExistsError: all names that were tried are taken.
    """
    for candidate in [name] if overwrite else candidates(name):
        try:
            return storages.save(
                candidate,
                file,
                overwrite=overwrite,
                content_type=checked.content_type,
                filename=filename,
                metadata=metadata_of(checked),
                **with_disposition(options, checked.content_type),
            )
        except AlreadyExistsError as error:
            taken = error
    raise taken


def stored_as(storages: Storages, name: str, checked: CheckedFile, filename: str) -> StoredFile:
    """Return the value for a file that is, or will be, in the storage of new files."""
    return StoredFile(
        name,
        checked.size,
        checked.content_type,
        *location_of(storages.current),
        filename=filename,
        store=storages.store,
        metadata=metadata_of(checked),
    ).bind(storages)


def metadata_of(checked: CheckedFile) -> dict[str, int]:
    """Return what a stored file keeps of a picture."""
    if checked.width is None or checked.height is None:
        return {}
    return {"width": checked.width, "height": checked.height}


def with_disposition(options: ObjectOptions, content_type: str) -> ObjectOptions:
    """Return the options by which S3 serves a file as the app's own route does: what could run
    script as a download.
    """
    if is_shown_inline(content_type):
        return options
    extra_args = {"ContentDisposition": "attachment", **(options.get("extra_args") or {})}
    return {**options, "extra_args": extra_args}


def without_acl(storage: S3Storage, settings: Settings) -> S3Storage:
    """Return the storage for what nobody has checked, which has no ACL that opens it."""
    return storage.derive(extra_args={"ACL": "private"}) if settings.s3.acl else storage
