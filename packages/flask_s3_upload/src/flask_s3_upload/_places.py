"""Where files are: the storages of an app, and the URLs of what is in them."""

import threading
from typing import IO, TYPE_CHECKING, Any

from flask import Flask, url_for

from s3_saver import FileInfo, LocalStorage, S3Storage, Storage
from untrusted_files import is_shown_inline
from url_for_s3 import presign_url_for_s3, url_for_s3

from ._settings import Settings
from ._tokens import Signer
from .exceptions import ConfigError

if TYPE_CHECKING:
    from ._stored import StoredFile


class Places:
    """The storages of one app."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.settings = settings
        self.signer = Signer(app)
        self.local = LocalStorage(settings.folder)
        self._buckets: dict[str, S3Storage] = {}
        self._addresses: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    @property
    def storage(self) -> Storage:
        """Where new files go."""
        return self.bucket() if self.settings.storage == "s3" else self.local

    def bucket(self, name: str = "") -> S3Storage:
        """Give a bucket as storage, the configured one by default."""
        settings = self.settings
        name = name or settings.require_bucket()
        with self._lock:
            if name not in self._buckets:
                self._buckets[name] = S3Storage(
                    name,
                    prefix=settings.s3_prefix,
                    region=settings.s3_region or None,
                    endpoint_url=settings.s3_endpoint_url or None,
                    access_key_id=settings.s3_access_key_id or None,
                    access_key_secret=settings.s3_access_key_secret or None,
                    acl=settings.s3_acl or None,
                )
            return self._buckets[name]

    def address(self, storage: S3Storage) -> dict[str, Any]:
        """Give where a bucket answers, as url-for-s3 wants to know it: by the settings, or by what
        the SDK finds.
        """
        if storage.bucket_name not in self._addresses:
            self._addresses[storage.bucket_name] = {
                "region": storage.region,
                "endpoint_url": storage.endpoint_url,
                "url_style": self.settings.s3_url_style,
            }
        return self._addresses[storage.bucket_name]

    def signing_address(self, storage: S3Storage) -> dict[str, Any]:
        """Give the same, to sign for.

        :raises ConfigError: the region is not known.
        """
        address = self.address(storage)
        if not address["region"] and not address["endpoint_url"]:
            raise ConfigError(
                "UPLOADS_S3_REGION is missing: private URLs and direct uploads are signed for the"
                f" region of the bucket {storage.bucket_name!r}; set it, such as 'eu-north-1', or"
                " set AWS_DEFAULT_REGION in the environment",
                setting="UPLOADS_S3_REGION",
            )
        return address

    def check(self) -> None:
        """Look once, when the app is made, for what would otherwise fail by the first URL."""
        settings = self.settings
        told = settings.s3_region or settings.s3_endpoint_url  # if so, the SDK can wait
        if settings.storage == "s3" and settings.private and not told:
            self.signing_address(self.bucket())

    def storage_of(self, stored: "StoredFile") -> Storage:
        return self.bucket(stored.bucket_name) if stored.storage_type else self.local

    def relative_path(self, stored: "StoredFile") -> str:
        if stored.storage_type:
            return self.bucket(stored.bucket_name).key(stored.name)
        return stored.name

    def absolute_path(self, stored: "StoredFile") -> str:
        if stored.storage_type:
            raise ValueError(
                f"{stored.name!r} is in the bucket {stored.bucket_name!r} and has no path on disk:"
                " use open()"
            )
        return self.local.path(stored.name)

    def url(self, stored: "StoredFile") -> str:
        if stored.storage_type:
            return self._url_on_s3(stored)
        query = {}
        if self.settings.private:
            query["signature"] = self.signer.sign_url(stored.name, self.settings.url_expires)
        endpoint = "uploads.serve"
        if domain := self.settings.domain:
            with_host = url_for(endpoint, name=stored.name, _external=False, **query)
            return domain.rstrip("/") + with_host
        return url_for(endpoint, name=stored.name, _external=True, **query)

    def _url_on_s3(self, stored: "StoredFile") -> str:
        settings, storage = self.settings, self.bucket(stored.bucket_name)
        if not settings.private:
            return url_for_s3(
                "",
                stored.bucket_name,
                filename=storage.key(stored.name),
                cdn_domain=settings.s3_cdn_domain or None,
                **self.address(storage),
            )
        return presign_url_for_s3(
            "",
            stored.bucket_name,
            filename=storage.key(stored.name),
            credentials=storage.credentials,
            **self.signing_address(storage),
            expires=settings.url_expires,
            stable_for=stable_window(settings.url_expires),
        )


def stable_window(expires: int) -> int:
    """Give for how many seconds a signed URL stays the same, so that browsers cache the file."""
    return min(expires, 604_800 - expires) if expires < 604_800 else 0


def put(
    storage: Storage, name: str, file: IO[bytes], content_type: str, *, overwrite: bool
) -> FileInfo:
    """Save a file with the headers that its type asks for."""
    if isinstance(storage, S3Storage):
        return storage.save(
            name,
            file,
            overwrite=overwrite,
            content_type=content_type,
            extra_args=headers_on_s3(content_type),
        )
    return storage.save(name, file, overwrite=overwrite, content_type=content_type)


def headers_on_s3(content_type: str) -> dict[str, str]:
    """Give the parameters of PutObject by which S3 serves a file as our own route does."""
    return {} if is_shown_inline(content_type) else {"ContentDisposition": "attachment"}


def stored_in(storage: Storage) -> dict[str, str]:
    """Give the values of a StoredFile that say which storage it is in."""
    if isinstance(storage, S3Storage):
        return {"storage_type": "s3", "bucket_name": storage.bucket_name}
    return {"storage_type": "", "bucket_name": ""}
