"""A registry of the folders and prefixes that hold users' files."""

import os
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, NamedTuple

from ._checks import FOLDER, PATH, check_type, is_list
from ._local import LocalStorage
from ._locations import check_storage_type, no_bucket
from ._names import check_prefix
from ._s3 import S3Storage
from ._storage import Storage
from .exceptions import ArgumentError, ArgumentTypeError, ConfigError

_EXTENSION = "s3_saver"


class AnnouncedPrefix(NamedTuple):
    """A folder, or a prefix in a bucket, that holds the files of users.

    :param owner: the package that keeps them, such as ``'flask_s3_upload'``.
    :param storage_type: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: of the bucket, ``''`` for the disk.
    :param prefix: of keys, empty or ending in a slash; on disk the folder's absolute path, ending
        in one.
    """

    owner: str
    storage_type: str
    bucket_name: str
    prefix: str

    def __str__(self) -> str:
        where = f"s3://{self.bucket_name}/" if self.storage_type else ""
        return f"{where}{self.prefix} (of {self.owner})"

    def holds(self, storage_type: str, bucket_name: str, key: str) -> bool:
        same = (self.storage_type, self.bucket_name) == (storage_type, bucket_name)
        return same and key.startswith(self.prefix)


class PrefixRegistry:
    """The prefixes of one app. No two owners' prefixes hold each other.

    Code that makes files public, or pushes and deletes them by prefix, asks it first: a push takes
    no file of a user, and a policy for static assets opens none.

    .. code-block:: python

        registry = PrefixRegistry.of(app.extensions)
        registry.announce("flask_s3_upload", storage_type="s3", bucket_name="media", prefix="up")
        registry.announce("flask_s3_upload", folder="/srv/uploads")
        registry.find_key("media", "up/cat.jpg")  # AnnouncedPrefix(owner='flask_s3_upload', ...)
    """

    def __init__(self) -> None:
        self._announced: list[AnnouncedPrefix] = []
        self._pending: set[AnnouncedPrefix] = set()
        self._friends: dict[AnnouncedPrefix, set[str]] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[AnnouncedPrefix]:
        return iter(tuple(self._announced))

    @classmethod
    def of(cls, extensions: MutableMapping[str, Any]) -> "PrefixRegistry":
        """Return the registry of an app; the first call makes it.

        :param extensions: ``app.extensions``; the registry is in it as ``'s3_saver'``.
        """
        registry: PrefixRegistry = extensions.setdefault(_EXTENSION, cls())
        return registry

    def announce(
        self,
        owner: str,
        *,
        storage_type: str = "",
        bucket_name: str = "",
        prefix: str = "",
        folder: str | os.PathLike[str] | None = None,
        shares_with: Iterable[str] = (),
    ) -> AnnouncedPrefix:
        """Register a folder, or a prefix in a bucket, that holds files of users.

        An owner may announce several, also one below the other, and the same one again.

        :param owner: the package, and where it keeps several stores the store's name.
        :param folder: on disk, in place of a bucket and a prefix.
        :param shares_with: owners who keep files in the same place on purpose; it is enough that
            one of the two passes it.
        :raises ConfigError: the place holds, or is inside, one that another owner has announced:
            deleting the leftovers of one would delete files of the other.
        """
        if not is_list(shares_with):
            raise ArgumentTypeError("shares_with", shares_with, "a list such as ['thumbnails']")
        new = _announcement(owner, storage_type, bucket_name, prefix, folder)
        friends = {owner, *shares_with}
        with self._lock:
            for other in self._announced:
                is_friend = other.owner in friends or owner in self._friends[other]
                if not is_friend and _overlap(new, other):
                    raise ConfigError(
                        f"{new} and {other} hold each other's files: configure a folder or prefix "
                        "of its own, of which none is inside the other"
                    )
            if new not in self._friends:
                self._announced.append(new)
            self._friends.setdefault(new, set()).update(friends)
        return new

    def announce_pending(
        self,
        owner: str,
        *,
        storage_type: str = "",
        bucket_name: str = "",
        prefix: str = "",
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        """Register a folder or prefix of uploads that are not checked yet: no package makes URLs of
        the files there.

        It is inside a place that is announced; the parameters are those of :meth:`announce`.
        """
        self._pending.add(_announcement(owner, storage_type, bucket_name, prefix, folder))

    def is_pending(self, storage: Storage, name: str) -> bool:
        """Report whether a file of a storage is an upload that is not checked yet.

        :raises UnsafeNameError: the name leads out of the storage, and there are such uploads.
        """
        if not self._pending:  # a page asks it of each new image
            return False
        if isinstance(storage, S3Storage):
            where = ("s3", storage.bucket_name, storage.key(name))
        elif isinstance(storage, LocalStorage):
            where = ("", "", os.path.abspath(storage.path(name)))
        else:
            return False
        return any(one.holds(*where) for one in tuple(self._pending))

    def pending_prefixes(self, bucket_name: str, prefix: str) -> list[str]:
        """Return the prefixes of unchecked uploads inside a prefix of a bucket, in their order: a
        policy that opens it must keep them closed.
        """
        place = _announcement("", "s3", bucket_name, prefix, None)
        return sorted(one.prefix for one in tuple(self._pending) if place.holds(*one[1:]))

    def find_key(self, bucket_name: str, key: str) -> AnnouncedPrefix | None:
        """Return the announced prefix that holds the object of that key, if there is one."""
        return self._find("s3", bucket_name, key)

    def find_path(self, path: str | os.PathLike[str]) -> AnnouncedPrefix | None:
        """Return the announced folder that holds the file of that path, if there is one."""
        return self._find("", "", os.path.abspath(path))

    def overlaps(
        self,
        *,
        storage_type: str = "",
        bucket_name: str = "",
        prefix: str = "",
        folder: str | os.PathLike[str] | None = None,
    ) -> list[AnnouncedPrefix]:
        """Return the announced prefixes that hold a place or are inside it, such as one that a
        policy would open.
        """
        place = _announcement("", storage_type, bucket_name, prefix, folder)
        return [one for one in self if _overlap(one, place)]

    def _find(self, storage_type: str, bucket_name: str, key: str) -> AnnouncedPrefix | None:
        return next((one for one in self if one.holds(storage_type, bucket_name, key)), None)


def _announcement(
    owner: str,
    storage_type: str,
    bucket_name: str,
    prefix: str,
    folder: str | os.PathLike[str] | None,
) -> AnnouncedPrefix:
    check_storage_type(storage_type)
    if storage_type:
        if folder is not None:
            raise ArgumentError("folder", folder, "None where storage_type is 's3'")
        if not bucket_name:
            raise no_bucket(bucket_name)
        check_type("prefix", prefix, str, "a str such as 'media/'")
        prefix = prefix.strip("/")
        return AnnouncedPrefix(
            owner, "s3", bucket_name, check_prefix(f"{prefix}/") if prefix else ""
        )
    check_type("folder", folder, PATH, FOLDER)
    if not os.fspath(folder or ""):  # it would be the working directory
        raise ArgumentError("folder", folder, FOLDER)
    path = os.path.abspath(folder or "")
    return AnnouncedPrefix(owner, "", "", path.rstrip(os.sep) + os.sep)


def _overlap(one: AnnouncedPrefix, other: AnnouncedPrefix) -> bool:
    return one.holds(*other[1:]) or other.holds(*one[1:])
