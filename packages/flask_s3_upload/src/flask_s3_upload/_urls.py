"""The URLs of stored files: those that pages show now, and those that never end."""

import posixpath
from collections.abc import Callable
from functools import lru_cache
from time import time
from typing import TYPE_CHECKING, Any

from flask import current_app, has_request_context, url_for

from s3_saver import PrefixRegistry, S3Storage, Storage, StoredFile, UnsafeNameError
from untrusted_files import UNKNOWN_TYPE, response_headers
from url_for_s3 import S3Bucket

from ._names import PENDING
from ._settings import LONGEST_URL, Settings
from ._signing import Signer

if TYPE_CHECKING:
    from botocore.credentials import Credentials

_KEPT = 1024  # signed URLs, of about 1 kB each


class Urls:
    """Makes the URLs of one app's files.

    :param storage_of: finds a file's storage.
    :param show: makes the URL of a file that is not on S3, in place of a route of the app.
    :param is_asked: whether the app itself decides who may read, so that every permanent URL must
        lead to it.
    """

    def __init__(
        self,
        settings: Settings,
        signer: Signer,
        storage_of: Callable[[StoredFile], Storage],
        *,
        show: Callable[[StoredFile], str] | None,
        is_asked: bool,
    ) -> None:
        self._settings = settings
        self._signer = signer
        self._storage_of = storage_of
        self._show = show
        self._is_asked = is_asked
        # Finding out where a bucket answers takes as long as signing.
        self.bucket = lru_cache(maxsize=64)(self._find_bucket)
        # They refresh themselves.
        self._credentials = lru_cache(maxsize=64)(_credentials_of)
        # For as long as a URL stays the same.
        self._window = min(settings.url_expires, LONGEST_URL - settings.url_expires) or 1
        self._kept = lru_cache(maxsize=_KEPT)(self._presign)

    def url(self, file: StoredFile) -> str:
        """Return the absolute URL of a file, signed if files are private.

        :raises UnsafeNameError: what is pending has no URL: nobody has checked it.
        """
        storage = self._storage_of(file)
        _refuse_pending(storage, file)
        if isinstance(storage, S3Storage):
            return self._url_on_s3(storage, file.name)
        return self._show(file) if self._show else self._url_of_route(file.name)

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

    def download_url(self, file: StoredFile, inline: bool) -> str:
        """Return the absolute URL by which a browser saves a file under the client's name for it.

        On S3 it is signed for S3 itself, also where files are public or behind a CDN: neither
        lets an unsigned request choose a name.

        :param inline: show it where that is safe.
        :raises UnsafeNameError: as :meth:`url`.
        """
        storage = self._storage_of(file)
        _refuse_pending(storage, file)
        filename = file.filename or posixpath.basename(file.name)
        content_type = (file.content_type if inline else "") or UNKNOWN_TYPE
        disposition = response_headers(content_type, filename)["Content-Disposition"]
        if isinstance(storage, S3Storage):
            return self._signed(storage, file.name, disposition)
        download = self._signer.sign_download(file.name, disposition)
        return self._url_of_route(file.name, download=download)

    def _url_on_s3(self, storage: S3Storage, name: str) -> str:
        bucket, key = self.bucket(storage), storage.key(name)
        if not self._settings.private:
            return bucket.url(key)
        if bucket.cdn_domain and (cloudfront := self._settings.cloudfront):
            return cloudfront.sign(bucket.url(key), expires=self._settings.url_expires)
        return self._signed(storage, name)

    def _signed(self, storage: S3Storage, name: str, disposition: str | None = None) -> str:
        # Temporary credentials change in the midst of a window, and the old ones end.
        access_key = self._credentials(storage).access_key
        return self._kept(storage, name, disposition, access_key, int(time()) // self._window)

    def _presign(self, storage: S3Storage, name: str, disposition: str | None, *_: object) -> str:
        bucket = self.bucket(storage)
        self._settings.require_region(bucket)
        return bucket.presign(
            storage.key(name),
            self._credentials(storage),
            expires=self._settings.url_expires,
            response_content_disposition=disposition,
        )

    def _find_bucket(self, storage: S3Storage) -> S3Bucket:
        return self._settings.bucket(storage)

    def _url_of_route(self, name: str, **query: str) -> str:
        if self._settings.private:
            query["signature"] = self._signer.sign_url(name, self._settings.url_expires)
        return self._url_of_app("serve", name=name, **query)

    def _url_of_app(self, view: str, **values: Any) -> str:
        endpoint, domain = self._settings.store.endpoint(view), self._settings.domain
        if not domain:
            return url_for(endpoint, _external=True, **values)
        if has_request_context():
            return domain + url_for(endpoint, _external=False, **values)
        # A worker or a command knows the domain by the setting alone.
        adapter = current_app.url_map.bind("", current_app.config["APPLICATION_ROOT"])
        return domain + adapter.build(endpoint, values)


def _credentials_of(storage: S3Storage) -> "Credentials":
    return storage.credentials


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
