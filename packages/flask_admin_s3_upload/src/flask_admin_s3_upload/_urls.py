"""The URLs of files: of the app's own endpoint, public on S3, through a CDN, or presigned."""

import os
from dataclasses import dataclass
from urllib.parse import urljoin

from flask import current_app, url_for

from s3_saver import LocalStorage, S3Storage, Storage
from url_for_s3 import presign_url_for_s3, url_for_s3

from ._flask_admin import get_url
from ._places import check_name

_EXPIRES = 3600  # seconds that a preview or link of a private file works, at least
_STABLE_FOR = 3600  # seconds that its URL stays the same, so that browsers cache it


@dataclass(frozen=True)
class Urls:
    """Gives URLs of files, made when a page is rendered.

    :param endpoint: serves files on disk; without it, whatever lies in the app's static folder has
        a URL.
    :param private: whether URLs on S3 are signed; by default unless *acl* or *cdn_domain* tell that
        the public may read.
    """

    endpoint: str | None = None
    url_relative_path: str | None = None
    cdn_domain: str | None = None
    url_style: str = "host"
    private: bool | None = None
    acl: str | None = None

    def __post_init__(self) -> None:
        if self.private and self.cdn_domain:
            raise ValueError(
                f"private=True and cdn_domain={self.cdn_domain!r} exclude each other: a CDN does "
                "not know S3's signatures; give one of them"
            )

    def find(self, storage: Storage, name: str) -> str | None:
        """Give the URL of a file, or None if it has none.

        :raises s3_saver.UnsafeNameError: the name leads out of the storage.
        """
        check_name(name)
        if isinstance(storage, S3Storage):
            return self._on_s3(storage, name)
        if self.endpoint:
            path = urljoin(self.url_relative_path, name) if self.url_relative_path else name
            return str(get_url(self.endpoint, filename=path))
        return _in_static_folder(storage, name)

    def _on_s3(self, storage: S3Storage, name: str) -> str:
        key = storage.key(name)
        if self.cdn_domain:
            return url_for_s3("", storage.bucket_name, cdn_domain=self.cdn_domain, filename=key)
        is_public = (self.acl or "").startswith("public-")
        if not is_public if self.private is None else self.private:
            return presign_url_for_s3(
                "",
                storage.bucket_name,
                url_style=self.url_style,
                filename=key,
                region=storage.region or "us-east-1",
                endpoint_url=storage.endpoint_url,
                credentials=storage.credentials,
                expires=_EXPIRES,
                stable_for=_STABLE_FOR,
            )
        return url_for_s3(
            "",
            storage.bucket_name,
            url_style=self.url_style,
            filename=key,
            region=storage.region,
            endpoint_url=storage.endpoint_url,
        )


def _in_static_folder(storage: Storage, name: str) -> str | None:
    folder = current_app.static_folder
    if not folder or not isinstance(storage, LocalStorage):
        return None
    path = os.path.relpath(storage.path(name), os.path.abspath(folder))
    if path.split(os.sep)[0] == os.pardir:
        return None
    return url_for("static", filename=path.replace(os.sep, "/"))
