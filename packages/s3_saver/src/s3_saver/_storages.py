"""Which storage a file is in: the storages of one app, by what its rows say."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, Unpack, cast

from ._checks import FOLDER, PATH, check_type, is_list, is_storage
from ._listed import names_to_delete
from ._listeners import Listeners
from ._local import LocalStorage
from ._locations import (
    S3LoginOptions,
    check_storage_type,
    check_store,
    location_of,
    no_bucket,
    no_urls,
    not_configured,
    save_in,
)
from ._names import check_name
from ._s3 import S3Storage
from ._s3_options import ObjectOptions
from ._storage import FileInfo, Storage, ensure_storage
from ._stored import StoredFile, check_described
from .exceptions import ArgumentTypeError, NotConfiguredError

Folder = str | os.PathLike[str]
FindFolder = Callable[[], Folder | Storage]
ShowFile = Callable[[StoredFile], str]
ShowDownload = Callable[[StoredFile, bool], str]

_NAMES = {name: name for name in ("folder", "bucket_name", "allowed_buckets")}


class Storages(Listeners):
    """The storages of one app: a folder on disk, and buckets by name.

    New files go to one of them; each row says in which its own file is, so what was saved on disk
    is still found there after a switch to S3. No row leads to a bucket that is not configured here.

    Nothing touches the network before a file does. Threads may share it.

    :param folder: of files on disk; or a function that returns it each time it is needed. Without
        it, no file is on disk.
    :param storage: a ready storage for new files. An :class:`S3Storage` is the configured bucket;
        any other stands for the disk.
    :param storage_type: where new files go: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: the configured bucket: needed with ``'s3'``; without, files that are in it
        already are still found.
    :param prefix: the folder in every bucket that all names are below.
    :param permission: the mode bits of files on disk, less the umask.
    :param allowed_buckets: further buckets that rows may name. ``None`` lets them name any: only
        for callers that pass the bucket themselves.
    :param store: what :attr:`StoredFile.store` of new files is.
    :param url: makes the URL of a stored file; s3_saver knows no URLs.
    :param permanent_url: makes a URL that does not expire.
    :param download_url: makes a URL that saves the file under the client's name for it; its second
        argument says whether to show the file instead, where that is safe.
    :param settings: for errors, the keys by which an app sets *folder*, *bucket_name* and
        *allowed_buckets*: ``{'bucket_name': 'S3_BUCKET_NAME'}``.
    :param s3_options: further options of :class:`S3Storage`: ``region``, ``endpoint_url``,
        ``access_key_id``, ``access_key_secret``, ``acl`` and so on.
    :raises ArgumentError: one is wrong, those of S3 too.
    """

    def __init__(
        self,
        folder: Folder | FindFolder | None = None,
        *,
        storage: Storage | None = None,
        storage_type: str | None = "",
        bucket_name: str | None = "",
        prefix: str = "",
        permission: int = 0o666,
        allowed_buckets: Iterable[str] | None = (),
        store: str = "",
        url: ShowFile | None = None,
        permanent_url: ShowFile | None = None,
        download_url: ShowDownload | None = None,
        settings: Mapping[str, str] | None = None,
        **s3_options: Unpack[S3LoginOptions],
    ) -> None:
        super().__init__()
        if unknown := sorted(s3_options.keys() - S3LoginOptions.__optional_keys__):
            known = ", ".join(sorted(S3LoginOptions.__optional_keys__))
            raise ArgumentTypeError("s3_options", ", ".join(unknown), f"among {known}")
        if allowed_buckets is not None and not is_list(allowed_buckets):
            raise ArgumentTypeError("allowed_buckets", allowed_buckets, "a list such as ['media']")
        if folder is not None and not callable(folder):
            check_type("folder", folder, PATH, FOLDER)
        check_type("permission", permission, int, "an int such as 0o640")
        self.store = store
        self._folder = folder
        self._permission = permission
        self._prefix = prefix
        self._s3_options = s3_options
        self._any_bucket = allowed_buckets is None
        self._url = url
        self._permanent_url = permanent_url
        self._download_url = download_url
        self._named = {**_NAMES, **(settings or {})}
        self._buckets: dict[str, S3Storage] = {}
        self._disk: Storage | None = None
        self._template: S3Storage | None = None
        if isinstance(storage, S3Storage):
            storage_type, bucket_name = location_of(storage)
            self._template = self._buckets[storage.bucket_name] = storage
        elif storage is not None:
            self._disk = ensure_storage(storage)
        if self._disk is None and folder is not None and not callable(folder):
            self._disk = LocalStorage(folder, permission=permission)
        check_storage_type(storage_type)
        if storage_type and not bucket_name:
            raise no_bucket(bucket_name)
        self._allowed = frozenset([*(allowed_buckets or ()), bucket_name or ""]) - {""}
        self._location = (storage_type or "", bucket_name or "" if storage_type else "")
        for name in self._allowed:
            self._bucket(name)  # wrong options are reported here, not by the first call

    def __repr__(self) -> str:
        disk = [repr(self._disk or self._folder)] if self._disk or self._folder else []
        return f"Storages({', '.join([*disk, *(f's3://{one}' for one in sorted(self._allowed))])})"

    @property
    def current(self) -> Storage:
        """The storage of new files.

        :raises NotConfiguredError: there is no folder for them.
        """
        return self.find(*self._location)

    def find(self, storage_type: str | None, bucket_name: str | None = "") -> Storage:
        """Return the storage that a row's fields name.

        :param storage_type: ``'s3'``, or ``''`` or ``None`` for the disk.
        :param bucket_name: needed with ``'s3'``, ignored without.
        :raises NotConfiguredError: the bucket is not one of these storages, or there is no folder
            for files on disk.
        :raises ArgumentError: there is no such storage type, or no bucket is named.
        """
        check_storage_type(storage_type)
        if not storage_type:
            return self._find_disk()
        if not bucket_name:
            raise no_bucket(bucket_name)
        return self._bucket(bucket_name)

    def storage_of(self, file: StoredFile, /) -> Storage:
        """Return the storage that a stored file is in.

        :raises NotConfiguredError: as :meth:`find`; or the file is of another store.
        """
        check_store(file.name, file.store, self.store)
        return self.find(file.storage_type, file.bucket_name)

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
        filename: str = "",
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        """Store a file where new files go.

        :param name: below the folder or the prefix.
        :param file: as in :meth:`Storage.save`, like *overwrite* and *content_type*.
        :param filename: what the client called it.
        :param metadata: more about it, as JSON takes it.
        :param options: of :meth:`S3Storage.save`, such as ``cache_control``; a disk has no use for
            them.
        :return: the stored file, bound to these storages.
        """
        check_described(filename, metadata)
        info = save_in(
            self.current,
            name,
            file,
            overwrite=overwrite,
            content_type=content_type,
            options=options,
        )
        saved = self.stored(info, content_type=content_type, filename=filename, metadata=metadata)
        self.report_saved(saved)
        if overwrite:
            self.report_replaced(saved)
        return saved

    def stored(
        self,
        info: FileInfo,
        *,
        content_type: str | None = None,
        filename: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> StoredFile:
        """Return the stored file of what a call of :attr:`current` returned, bound."""
        storage_type, bucket_name = self._location
        return StoredFile(
            info.name,
            info.size,
            content_type or info.content_type,
            storage_type,
            bucket_name,
            filename or "",
            self.store,
            metadata or {},
        ).bind(self)

    def delete(self, *files: StoredFile) -> None:
        """Delete stored files, many at once where the storage can, and call the listeners.

        Files that are not there are no error.
        """
        names: dict[tuple[str, str], list[str]] = {}
        for file in files:
            check_type("file", file, StoredFile, "a StoredFile")
            self.storage_of(file)  # nothing is deleted if one is of another store
            names.setdefault((file.storage_type, file.bucket_name), []).append(file.name)
        for (storage_type, bucket_name), deleted in names.items():
            self.delete_names(deleted, storage_type, bucket_name)

    def delete_names(
        self,
        names: Iterable[str | FileInfo],
        storage_type: str | None = "",
        bucket_name: str | None = "",
    ) -> None:
        """Delete files of one storage, by names or what its ``find`` returned, and call the
        listeners.
        """
        if not is_list(names):  # of a text the letters would be deleted
            raise ArgumentTypeError("names", names, "a list such as ['photos/cat.jpg']")
        checked = names_to_delete(names)
        self.find(storage_type, bucket_name).delete(*checked)
        self._report_deleted(checked, storage_type or "", bucket_name or "")

    def url(self, file: StoredFile, /) -> str:
        """Return the URL of a stored file, by the function that was passed.

        :raises NotConfiguredError: the file is in a bucket that is not one of these storages.
        """
        return self._shown(self._url, "url", file)

    def permanent_url(self, file: StoredFile, /) -> str:
        """Return the URL of a stored file that does not expire, by the function that was passed."""
        return self._shown(self._permanent_url, "permanent_url", file)

    def download_url(self, file: StoredFile, /, *, inline: bool = False) -> str:
        """Return the URL that saves a stored file, by the function that was passed."""
        show = self._download_url
        return self._shown(show and (lambda file: show(file, inline)), "download_url", file)

    def _shown(self, show: ShowFile | None, argument: str, file: StoredFile) -> str:
        if show is None:
            raise no_urls(argument, file.name)
        check_name(file.name)
        self.storage_of(file)  # refuses other buckets and stores, whatever the function does
        return show(file)

    def _find_disk(self) -> Storage:
        if self._disk is not None:
            return self._disk
        if not callable(self._folder):
            raise NotConfiguredError(
                f"there is no folder here for files on disk: set {self._named['folder']}",
                argument=self._named["folder"],
            )
        found = self._folder()
        if is_storage(found):
            return ensure_storage(found)
        check_type("folder", found, PATH, f"a function that returns {FOLDER}")
        return LocalStorage(cast("Folder", found), permission=self._permission)

    def _bucket(self, name: str) -> S3Storage:
        if made := self._buckets.get(name):
            return made
        if not self._any_bucket and name not in self._allowed:
            raise not_configured(name, self._named, has_buckets=bool(self._allowed))
        if self._template is None:
            made = self._template = S3Storage(name, prefix=self._prefix, **self._s3_options)
        else:
            made = self._template.derive(bucket_name=name)
        return self._buckets.setdefault(name, made)  # one for all threads
