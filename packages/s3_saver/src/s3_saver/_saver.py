"""S3Saver: which storage, which name, which fields of an object."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import IO, Any, BinaryIO, Unpack

from ._checks import FOLDER, PATH, check_type
from ._copy_file import copy_file
from ._listed import ListedName
from ._local import LocalStorage
from ._locations import location_of
from ._names import check_name, check_prefix, folder_in, name_from_path
from ._s3_options import S3Options
from ._storage import FileInfo, Storage
from ._storages import Storages
from .exceptions import ArgumentError, ArgumentTypeError

Path = str | os.PathLike[str]


class S3Saver:
    """Saves, finds and deletes files by their paths, on disk or on S3 by the same calls.

    A file is named by a path: relative to *base_path*, or absolute and below it. On disk it is
    there; on S3 its key is the same path less *static_root_parent*, so that a file
    ``/srv/project/static/uploads/cat.jpg`` has the key ``static/uploads/cat.jpg``. A path that
    leads anywhere else raises :exc:`UnsafeNameError`, in every call and on both storages: paths
    come from rows, and *static_root_parent* may be a whole project.

    Files are on disk unless a *storage_type* is given. Calls that take *storage_type* and
    *bucket_name* look where these say, which is what an object's own fields say of its file, rather
    than where new files are saved now. They take any bucket that they are passed: see
    :class:`Storages` for one that keeps to the configured ones.

    :param storage_type: ``'s3'``, or ``''`` or ``None`` for the disk.
    :param bucket_name: needed with ``'s3'``, ignored without.
    :param access_key_id: by default, what the SDK finds in the environment, a profile or a role.
    :param access_key_secret: belongs to *access_key_id*.
    :param acl: none by default; see :class:`S3Storage`.
    :param field_name: the attribute of an object that :meth:`save` sets to the file's name.
    :param storage_type_field: the attribute that it sets to ``'s3'`` or ``''``.
    :param bucket_name_field: the attribute that it sets to the bucket's name or ``''``.
    :param filesize_field: the attribute that it sets to the size in bytes.
    :param base_path: the folder that relative paths start from, or a function that returns it.
    :param permission: the mode bits of files on disk, less the umask.
    :param static_root_parent: the folder that S3 keys are relative to; by default *base_path*.
    :param s3_options: further options of :class:`S3Storage`: ``region``, ``endpoint_url``,
        ``session_token``, ``cache_control``, ``server_side_encryption``, ``extra_args``,
        ``config``, or a ready ``client``.
    :raises ArgumentError: *base_path* is missing or not below *static_root_parent*, or another
        argument is wrong.
    """

    def __init__(
        self,
        storage_type: str | None = "",
        bucket_name: str | None = "",
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
        if not callable(base_path):
            if not base_path:
                raise ArgumentError("base_path", base_path, FOLDER)
            check_type("base_path", base_path, PATH, FOLDER)
        check_type("static_root_parent", static_root_parent or "", PATH, FOLDER)
        check_type("permission", permission, int, "an int such as 0o640")
        if unknown := sorted(s3_options.keys() - S3Options.__optional_keys__):
            known = ", ".join(sorted(S3Options.__optional_keys__))
            raise ArgumentTypeError("s3_options", ", ".join(unknown), f"among {known}")
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
        if not callable(base_path):
            folder_in(self._base, self._root)
        #: The storages that the saver stands on. Names in them are relative to static_root_parent.
        self.storages = Storages(
            self._disk,
            storage_type=storage_type,
            bucket_name=bucket_name if storage_type else "",
            allowed_buckets=None,  # the caller says which
            access_key_id=access_key_id,
            access_key_secret=access_key_secret,
            acl=acl,
            **s3_options,
        )

    def save(
        self,
        temp_file: IO[bytes],
        filename: Path,
        obj: object = None,
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> str:
        """Store a file, then set the fields of *obj* that say where it is.

        :param temp_file: a readable binary stream: a BytesIO, an upload, an open file. It is read
            from its start and left open.
        :param filename: the path, as the class says.
        :param obj: gets the fields that the saver was made for, once the file is stored and not
            before; whatever fails, they still name the old file.
        :param overwrite: as in :meth:`Storage.save`.
        :param content_type: as in :meth:`Storage.save`.
        :return: the name, relative to *base_path*; what the object's field was set to.
        """
        storage = self.storages.current
        info = storage.save(
            self._name(filename), temp_file, overwrite=overwrite, content_type=content_type
        )
        saved_as = info.name.removeprefix(folder_in(self._base, self._root))
        self._set_fields(obj, storage, info.size, saved_as)
        return saved_as

    def open(
        self, path: Path, storage_type: str | None = "", bucket_name: str | None = ""
    ) -> BinaryIO:
        """Open a file for reading, as :meth:`Storage.open`."""
        return self.storages.find(storage_type, bucket_name).open(self._name(path))

    def exists(
        self, path: Path, storage_type: str | None = "", bucket_name: str | None = ""
    ) -> bool:
        """Report whether a file is there, as :meth:`Storage.exists`."""
        return self.storages.find(storage_type, bucket_name).exists(self._name(path))

    def stat(
        self, path: Path, storage_type: str | None = "", bucket_name: str | None = ""
    ) -> FileInfo:
        """Return a file's size and more, as :meth:`Storage.stat`."""
        return self._with_path(self.storages.find(storage_type, bucket_name).stat(self._name(path)))

    def delete(
        self,
        filename: Path | Iterable[Path],
        storage_type: str | None = "",
        bucket_name: str | None = "",
    ) -> None:
        """Delete one file or many; one that is not there is no error.

        :param filename: a path or several, or what :meth:`find_by_path` returned, or some of it.
        """
        paths = [filename] if isinstance(filename, str | os.PathLike) else filename
        names = [self._listed_name(path) or self._name(path) for path in paths]
        self.storages.delete_names(names, storage_type, bucket_name)

    def find_by_path(
        self, path: Path, storage_type: str | None = "", bucket_name: str | None = ""
    ) -> Iterator[FileInfo]:
        """Yield all files whose paths begin with *path*, in the storage's order.

        ``find_by_path('thing')`` finds ``thing.jpg`` and ``thing_200x200.jpg``, and ``thing2.jpg``
        and ``things/1.jpg`` as well: no character is special. What is to be found alone goes into a
        folder of its own: ``find_by_path('thing/')``. ``os.fspath`` of each is its absolute path.
        """
        prefix = check_prefix(self._resolve(path))
        files = self.storages.find(storage_type, bucket_name).find(prefix)
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
        :param storage_type: ``'s3'``, or ``''`` or ``None`` for the disk.
        :param bucket_name: needed with ``'s3'``.
        :return: what the new storage says of the file.
        :raises AlreadyExistsError: the new storage holds another file of that name.
        :raises NotFoundError: the file is not where the fields say.
        :raises S3SaverError: the copy differs from the original.
        :raises ArgumentError: the saver was made without the three field names, or the object has
            no file.
        """
        filename, *fields = self._fields_of(obj)
        if not filename:
            raise ArgumentError(
                "obj", obj, f"an object with a file: its {self.field_name!r} is empty"
            )
        name = self._name(filename)
        source = self.storages.find(*fields)
        target = self.storages.find(storage_type, bucket_name)
        if location_of(source) == location_of(target):
            return self._with_path(source.stat(name))
        copy = copy_file(source, target, name)
        self._set_fields(obj, target, copy.size)
        if delete_source:
            self.storages.delete_names([name], *location_of(source))
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

    def _listed_name(self, path: Path) -> str:
        """Return the name that a listing found and no save would take, such as ``'a//b'``."""
        name = path.name if isinstance(path, FileInfo) else ""
        folder = folder_in(self._base, self._root)
        return name if isinstance(name, ListedName) and name.startswith(folder) else ""

    def _with_path(self, info: FileInfo) -> FileInfo:
        return replace(info, path=os.path.join(os.path.abspath(self._root), info.name))

    def _disk(self) -> LocalStorage:
        return LocalStorage(self._root, permission=self.permission, keep=self._base)

    def _fields_of(self, obj: object) -> list[str]:
        """Return what an object's fields say: file name, storage type and bucket name."""
        values = []
        for option in ("field_name", "storage_type_field", "bucket_name_field"):
            field = getattr(self, option)
            if not field:
                raise ArgumentError(
                    option, field, "the name of a field: transfer reads and sets it in objects"
                )
            values.append(getattr(obj, field) or "")
        return values

    def _set_fields(
        self, obj: object, storage: Storage, size: int, saved_as: str | None = None
    ) -> None:
        storage_type, bucket_name = location_of(storage)
        values: dict[str | None, Any] = {
            self.storage_type_field: storage_type,
            self.bucket_name_field: bucket_name,
            self.filesize_field: size,
        }
        if saved_as is not None:
            values[self.field_name] = saved_as
        if obj is not None:
            for field, value in values.items():
                if field:
                    setattr(obj, field, value)
