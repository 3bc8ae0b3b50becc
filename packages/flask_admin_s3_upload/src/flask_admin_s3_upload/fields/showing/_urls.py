"""The URLs of files: of the app's own endpoint, public on S3, through a CDN, or signed."""

import os
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urljoin

from flask import current_app, url_for

from s3_saver import LocalStorage, S3Saver, S3Storage, Storage, check_name
from s3_saver.settings import S3Settings
from url_for_s3 import CloudFrontSigner, S3Bucket

from ..._flask_admin import get_url
from ..finding._options import FileOptions

_EXPIRES = 3600  # seconds that a preview or link of a private file works, at least

# A field is made for each page: its signer keeps the key that is read, and what it has signed.
_signer_of = lru_cache(maxsize=16)(CloudFrontSigner.from_settings)


@dataclass(frozen=True)
class Urls:
    """Makes URLs of files, when a page is rendered.

    :param settings: the app's, with what the field's options say in their place. The only bucket
        that a CDN stands in front of is theirs; without one, any.
    :param endpoint: serves files on disk; without it, whatever lies in the app's static folder has
        a URL.
    :param private: whether URLs on S3 are signed.
    """

    settings: S3Settings
    endpoint: str | None = None
    url_relative_path: str | None = None
    private: bool = True

    @classmethod
    def of(cls, options: FileOptions, settings: S3Settings, bucket_name: str = "") -> "Urls":
        """Use the options, and the app's settings for what they leave open.

        :param bucket_name: the field's own, and not one that rows may name besides.
        """
        saver = options.storage if isinstance(options.storage, S3Saver) else None
        acl = (saver.acl if saver else options.acl) or ""
        private = options.private
        if private is None:
            is_public = bool(options.cdn_domain) or acl.startswith("public-")
            private = settings.private and not is_public
        return cls(
            settings=replace(
                settings,
                bucket_name=bucket_name,
                cdn_domain=options.cdn_domain or settings.cdn_domain,
                url_style=options.url_style or settings.url_style,
            ),
            endpoint=options.endpoint,
            url_relative_path=options.url_relative_path,
            private=private,
        )

    def find(self, storage: Storage, name: str) -> str | None:
        """Return the URL of a file, or None if it has none.

        :raises s3_saver.UnsafeNameError: the name leads out of the storage.
        :raises url_for_s3.ArgumentError: the URL is to be signed for Amazon, and the bucket's
            region is not known.
        """
        check_name(name)
        if isinstance(storage, S3Storage):
            return self._on_s3(storage, storage.key(name))
        if self._is_by_place(storage):
            return _in_static_folder(storage, name)
        path = urljoin(self.url_relative_path, name) if self.url_relative_path else name
        return str(get_url(self.endpoint, filename=path))

    def _is_by_place(self, storage: Storage) -> bool:
        """Whether the file's path says what its URL is, and not *endpoint*.

        Flask's own static route serves nothing that is outside of its folder.
        """
        is_static = self.endpoint == "static" and isinstance(storage, LocalStorage)
        return not self.endpoint or (is_static and not self.url_relative_path)

    def _on_s3(self, storage: S3Storage, key: str) -> str:
        bucket = S3Bucket.from_settings(
            self.settings,
            bucket_name=storage.bucket_name,
            region=storage.region or "",
            endpoint_url=storage.endpoint_url or "",
        )
        if not self.private:
            return bucket.url(key)
        signer = _signer_of(self.settings)
        if bucket.cdn_domain and signer:
            return signer.sign(bucket.url(key), expires=_EXPIRES)
        return bucket.presign(key, storage.credentials, expires=_EXPIRES)


def _in_static_folder(storage: Storage, name: str) -> str | None:
    folder = current_app.static_folder
    if not folder or not isinstance(storage, LocalStorage):
        return None
    path = os.path.relpath(storage.path(name), os.path.abspath(folder))
    if path.split(os.sep)[0] == os.pardir:
        return None
    return url_for("static", filename=path.replace(os.sep, "/"))
