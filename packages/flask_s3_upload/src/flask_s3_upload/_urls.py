"""The URLs of stored files: those that pages show now, and those that never end."""

import posixpath
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import current_app, has_request_context, url_for

from s3_saver import PrefixRegistry, S3Storage, Storage, StoredFile, UnsafeNameError
from url_for_s3 import S3Bucket

from ._names import PENDING
from ._settings import Settings
from ._tokens import Signer


class Urls:
    """Makes the URLs of one app's files.

    :param storage_of: finds a file's storage.
    :param is_asked: whether the app itself decides who may read, so that every permanent URL must
        lead to it.
    """

    def __init__(
        self,
        settings: Settings,
        signer: Signer,
        storage_of: Callable[[StoredFile], Storage],
        *,
        is_asked: bool,
    ) -> None:
        self._settings = settings
        self._signer = signer
        self._storage_of = storage_of
        self._is_asked = is_asked
        # Finding out where a bucket answers takes as long as signing.
        self.bucket = lru_cache(maxsize=64)(self._find_bucket)

    def url(self, file: StoredFile) -> str:
        """Return the absolute URL of a file, signed if files are private.

        :raises UnsafeNameError: what is pending has no URL: nobody has checked it.
        """
        storage = self._storage_of(file)
        _refuse_pending(storage, file)
        if isinstance(storage, S3Storage):
            return self._url_on_s3(storage, file.name)
        query = {}
        if self._settings.private:
            query["signature"] = self._signer.sign_url(file.name, self._settings.url_expires)
        return self._url_of_app("serve", name=file.name, **query)

    def permanent_url(self, file: StoredFile) -> str:
        """Return an absolute URL that never ends: a public file's own, or else a route of the app.

        :raises UnsafeNameError: as :meth:`url`.
        """
        if not self._settings.private and not self._is_asked:
            return self.url(file)
        _refuse_pending(self._storage_of(file), file)
        return self._url_of_app(
            "permanent",
            token=self._signer.sign_file(file),
            filename=posixpath.basename(file.name),
        )

    def _url_on_s3(self, storage: S3Storage, name: str) -> str:
        bucket, key = self.bucket(storage), storage.key(name)
        if not self._settings.private:
            return bucket.url(key)
        expires, cloudfront = self._settings.url_expires, self._settings.cloudfront
        if bucket.cdn_domain and cloudfront:
            return cloudfront.sign(bucket.url(key), expires=expires)
        self._settings.require_region(bucket)
        return bucket.presign(key, storage.credentials, expires=expires)

    def _find_bucket(self, storage: S3Storage) -> S3Bucket:
        return self._settings.bucket(storage)

    def _url_of_app(self, view: str, **values: Any) -> str:
        endpoint, domain = self._settings.store.endpoint(view), self._settings.domain
        if not domain:
            return url_for(endpoint, _external=True, **values)
        if has_request_context():
            return domain + url_for(endpoint, _external=False, **values)
        # A worker or a command knows the domain by the setting alone.
        adapter = current_app.url_map.bind("", current_app.config["APPLICATION_ROOT"])
        return domain + adapter.build(endpoint, values)


def is_pending(storage: Storage, name: str) -> bool:
    """Report whether a file waits for a form, this package's or a sibling's."""
    return PrefixRegistry.of(current_app.extensions).is_pending(storage, name)


def _refuse_pending(storage: Storage, file: StoredFile) -> None:
    if file.name.startswith(PENDING) or is_pending(storage, file.name):
        raise UnsafeNameError(
            f"{file.name!r} is an upload that nobody has claimed: claim it first",
            name=file.name,
            rule="the name of a stored file, and not of one that is pending",
        )
