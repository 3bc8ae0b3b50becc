"""S3Saver: which storage, which name, which fields of an object."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, BinaryIO, Unpack

from ._checks import FOLDER, PATH, check_type
from ._copy import copy_once
from ._local import LocalStorage
from ._names import check_name, check_prefix, folder_in, name_from_path
from ._s3 import S3Options, S3Storage
from ._storage import FileInfo, Storage

Path = str | os.PathLike[str]


class S3Saver:
    """Saves, finds and deletes files by their paths, on disk or on S3 by the same calls.

    A file is named by a path: relative to *base_path*, or absolute and below *static_root_parent*.
    On disk it is there; on S3 its key is the same path less *static_root_parent*, so that a file
    ``/srv/project/static/uploads/cat.jpg`` has the key ``static/uploads/cat.jpg``. A path that
    leads anywhere else raises :exc:`UnsafeNameError`, in every call and on both storages.

    Files are on disk unless a *storage_type* is given. Calls that take *storage_type* and
    *bucket_name* look where these say, which is what an object's own fields say of its file, rather
    than where new files are saved now.

    :param storage_type: ``'s3'``, or ``None`` or ``''`` for the disk.
    :param bucket_name: needed with ``'s3'``, ignored without.
    :param access_key_id: by default, what the SDK finds in the environment, a profile or a role.
    :param access_key_secret: belongs to *access_key_id*.
    :param acl: none by default; see :class:`S3Storage`.
    :param field_name: the attribute of an object that :meth:`save` sets to the file's name.
    :param storage_type_field: the attribute that it sets to ``'s3'`` or ``''``.
    :param bucket_name_field: the attribute that it sets to the bucket's name or ``''``.
    :param filesize_field: the attribute that it sets to the size in bytes.
    :param base_path: the folder that relative paths start from, or a function that gives it.
    :param permission: the mode bits of files on disk, less the umask.
    :param static_root_parent: the folder that S3 keys are relative to; by default *base_path*.
    :param s3_options: further options of :class:`S3Storage`: ``region_name``, ``endpoint_url``,
        ``session_token``, ``cache_control``, ``server_side_encryption``, ``extra_args``,
        ``config``, or a ready ``client``.
    :raises ValueError: *base_path* is missing or not below *static_root_parent*, or the storage
        type or bucket name is wrong.
    """

    def __init__(
        self,
        storage_type: str | None = None,
        bucket_name: str | None = None,
        access_key_id: str | None = None,
        access_key_secret: str | None = None,
        acl: str | None = None,
        field_name: str | None = None,
        storage_type_field: str | None = None,
        bucket_name_field: str | None = None,
        filesize_field: str | None = None,
        base_path: Path | Callable[[], Path] | None = None,
        permission: int = 0o666,
        static_root_parent: Path | None = None,
        **s3_options: Unpack[S3Options],
    ) -> None:
        if not base_path:
            raise ValueError(
                "base_path is missing: pass the folder that file names are relative to, such as "
                "base_path='/srv/project/static/uploads'"
            )
        if not callable(base_path):
            check_type("base_path", base_path, PATH, FOLDER)
        check_type("static_root_parent", static_root_parent or "", PATH, FOLDER)
        check_type("permission", permission, int, "an int such as 0o640")
        if unknown := s3_options.keys() - S3Options.__optional_keys__:
            raise TypeError(
                f"S3Saver has no argument {', '.join(sorted(unknown))}: further ones are "
                f"{', '.join(sorted(S3Options.__optional_keys__))}"
            )
        self.storage_type = storage_type
        self.bucket_name = bucket_name
        self.access_key_id = access_key_id
        self.access_key_secret = access_key_secret
        self.acl = acl
        self.field_name = field_name
        self.storage_type_field = storage_type_field
        self.bucket_name_field = bucket_name_field
        self.filesize_field = filesize_field
        self.base_path = base_path
        self.permission = permission
        self.static_root_parent = static_root_parent
        self.s3_options = s3_options
        self._storages: dict[str, Storage] = {}
        if not callable(base_path):
            folder_in(self._base, self._root)
        _check_place(storage_type, bucket_name)
        if storage_type and bucket_name:
            self._make_s3(bucket_name)  # wrong options are told here, not by the first call

    def save(
        self,
        temp_file: IO[bytes],
        filename: Path,
        obj: object = None,
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> str:
        """Store a file, then tell *obj* where it is.

        :param temp_file: a readable binary stream: a BytesIO, an upload, an open file. It is read
            from its start and left open.
        :param filename: the path, as the class says.
        :param obj: gets the fields that the saver was made for, once the file is stored and not
            before; whatever fails, they still name the old file.
        :param overwrite: as in :meth:`Storage.save`.
        :param content_type: as in :meth:`Storage.save`.
        :return: the name, relative to *base_path*; what the object's field was set to.
        """
        name = self._name(filename)
        storage = self._storage(self.storage_type, self.bucket_name)
        info = storage.save(name, temp_file, overwrite=overwrite, content_type=content_type)
        saved_as = self._relative(info.name)
        storage_type, bucket_name = _place(self.storage_type, self.bucket_name)
        self._set_fields(
            obj,
            {
                self.field_name: saved_as,
                self.storage_type_field: storage_type,
                self.bucket_name_field: bucket_name,
                self.filesize_field: info.size,
            },
        )
        return saved_as

    def open(
        self, path: Path, storage_type: str | None = None, bucket_name: str | None = None
    ) -> BinaryIO:
        """Open a file for reading, as :meth:`Storage.open`."""
        return self._storage(storage_type, bucket_name).open(self._name(path))

    def exists(
        self, path: Path, storage_type: str | None = None, bucket_name: str | None = None
    ) -> bool:
        """Tell whether a file is there, as :meth:`Storage.exists`."""
        return self._storage(storage_type, bucket_name).exists(self._name(path))

    def stat(
        self, path: Path, storage_type: str | None = None, bucket_name: str | None = None
    ) -> FileInfo:
        """Tell a file's size and more, as :meth:`Storage.stat`."""
        return self._with_path(self._storage(storage_type, bucket_name).stat(self._name(path)))

    def delete(
        self,
        filename: Path | Iterable[Path],
        storage_type: str | None = None,
        bucket_name: str | None = None,
    ) -> None:
        """Delete one file or many; one that is not there is no error.

        :param filename: a path or several, or what :meth:`find_by_path` gave.
        """
        paths = [filename] if isinstance(filename, str | os.PathLike) else filename
        names = [self._name(path) for path in paths]
        self._storage(storage_type, bucket_name).delete(*names)

    def find_by_path(
        self, path: Path, storage_type: str | None = None, bucket_name: str | None = None
    ) -> Iterator[FileInfo]:
        """Give all files whose paths begin with *path*, in the order of their names.

        ``find_by_path('/srv/project/static/thing')`` finds ``thing.jpg``, ``thing_200x200.jpg`` and
        ``things/1.jpg``; no character is special. ``os.fspath`` of each gives its absolute path.
        """
        prefix = check_prefix(self._resolve(path))
        files = self._storage(storage_type, bucket_name).find(prefix)
        return (self._with_path(info) for info in files)

    def transfer(
        self,
        obj: object,
        storage_type: str | None,
        bucket_name: str | None,
        *,
        delete_source: bool = False,
    ) -> FileInfo:
        """Move one object's file from where its fields say it is to another storage.

        The copy is compared with the original byte for byte; then the fields are set, and only then
        the original is deleted, if at all. Save the object before you delete originals: leave
        *delete_source* off, commit, and call :meth:`delete`.

        A copy that an earlier try has left is used if it is the same.

        :param obj: has the fields that the saver was made for.
        :param storage_type: ``'s3'``, or ``None`` or ``''`` for the disk.
        :param bucket_name: needed with ``'s3'``.
        :return: what the new storage says of the file.
        :raises AlreadyExistsError: the new storage holds another file of that name.
        :raises NotFoundError: the file is not where the fields say.
        :raises S3SaverError: the copy differs from the original.
        :raises ValueError: the saver was made without the three field names, or the object has no
            file.
        """
        source_type, source_bucket = self._place_of(obj)
        filename = getattr(obj, self.field_name or "")
        if not filename:
            raise ValueError(f"{obj!r} has no file to transfer: its {self.field_name!r} is empty")
        name = self._name(filename)
        source = self._storage(source_type, source_bucket)
        target = self._storage(storage_type, bucket_name)
        if _place(source_type, source_bucket) == _place(storage_type, bucket_name):
            return self._with_path(source.stat(name))
        copy = copy_once(source, target, name)
        new_type, new_bucket = _place(storage_type, bucket_name)
        self._set_fields(
            obj,
            {
                self.storage_type_field: new_type,
                self.bucket_name_field: new_bucket,
                self.filesize_field: copy.size,
            },
        )
        if delete_source:
            source.delete(name)
        return self._with_path(copy)

    @property
    def _base(self) -> str:
        base = self.base_path() if callable(self.base_path) else self.base_path
        return os.fspath(base or "")

    @property
    def _root(self) -> str:
        return os.fspath(self.static_root_parent or self._base)

    def _resolve(self, path: Path) -> str:
        check_type("a file's path", path, PATH, "a str or a pathlib.Path such as 'photos/cat.jpg'")
        return name_from_path(os.fspath(path), self._base, self._root)

    def _name(self, path: Path) -> str:
        return check_name(self._resolve(path))

    def _relative(self, name: str) -> str:
        """Give a name as objects keep it: relative to the base path if it is below it."""
        folder = folder_in(self._base, self._root)
        return name.removeprefix(folder) if name.startswith(folder) else self._path(name)

    def _path(self, name: str) -> str:
        return os.path.join(os.path.abspath(self._root), name)

    def _with_path(self, info: FileInfo) -> FileInfo:
        path = self._path(info.name)
        return FileInfo(info.name, info.size, info.modified, info.etag, info.content_type, path)

    def _storage(self, storage_type: str | None, bucket_name: str | None) -> Storage:
        _check_place(storage_type, bucket_name)
        if not storage_type or not bucket_name:
            return LocalStorage(self._root, permission=self.permission, keep=self._base)
        key = f"s3://{bucket_name}"
        if key not in self._storages:
            self._storages[key] = self._make_s3(bucket_name)
        return self._storages[key]

    def _make_s3(self, bucket_name: str) -> S3Storage:
        return S3Storage(
            bucket_name,
            access_key_id=self.access_key_id,
            access_key_secret=self.access_key_secret,
            acl=self.acl,
            **self.s3_options,
        )

    def _place_of(self, obj: object) -> tuple[str, str]:
        for option in ("field_name", "storage_type_field", "bucket_name_field"):
            if not getattr(self, option):
                raise ValueError(
                    f"{option} is missing: transfer needs an S3Saver that knows the object's "
                    "fields; pass field_name, storage_type_field and bucket_name_field"
                )
        return (
            getattr(obj, self.storage_type_field or "") or "",
            getattr(obj, self.bucket_name_field or "") or "",
        )

    def _set_fields(self, obj: object, values: dict[str | None, Any]) -> None:
        if obj is not None:
            for field, value in values.items():
                if field:
                    setattr(obj, field, value)


def _check_place(storage_type: str | None, bucket_name: str | None) -> None:
    if storage_type and storage_type != "s3":
        raise ValueError(
            f"storage_type {storage_type!r} is not known: pass 's3', or None for the local disk"
        )
    if storage_type and not bucket_name:
        raise ValueError("bucket_name is missing: storage_type='s3' needs the name of a bucket")


def _place(storage_type: str | None, bucket_name: str | None) -> tuple[str, str]:
    """Give a storage as an object's fields name it: on disk a bucket means nothing."""
    return (storage_type, bucket_name or "") if storage_type else ("", "")
