"""Everything that this package signs itself, each kind by a salt of its own."""

import time
from functools import lru_cache
from typing import Any, cast

from flask import Flask
from itsdangerous import (
    BadData,
    BadSignature,
    URLSafeSerializer,
    URLSafeTimedSerializer,
    base64_decode,
    base64_encode,
)

from s3_saver import StoredFile

from ._store import Store
from .exceptions import ConfigError, ExpiredTokenError, InvalidTokenError

_KEPT = 1024  # files that permanent URLs have led to

_MOST_SKEW = 300  # seconds between the clocks of an app's servers

# What a permanent URL says of its file.
_FILE = ("storage_type", "bucket_name", "name", "size", "content_type", "filename")


class Signer:
    """Signs by an app's ``SECRET_KEY``; ``SECRET_KEY_FALLBACKS`` still verify.

    :param store: whose signatures these are: no other store's hold here.
    """

    def __init__(self, app: Flask, store: Store) -> None:
        self._app = app
        self._store = store
        # By the keys, too: an app may change its own.
        self._plain_of = lru_cache(maxsize=8)(self._make_plain)
        self._file_of = lru_cache(maxsize=_KEPT)(self._load_file)

    def sign_url(self, name: str, expires: int) -> str:
        """Sign the URL of a private file on disk. It stays the same for a while, and holds for
        *expires* to twice as many seconds.
        """
        end = (int(time.time()) // expires + 2) * expires
        return str(self._plain("url").dumps([name, end]))

    def allows_url(self, name: str, signature: str) -> bool:
        try:
            _require_one_spelling(signature)
            signed_name, end = self._plain("url").loads(signature)
        except (BadData, ValueError):
            return False
        return bool(signed_name == name and end > time.time())

    def sign_folder(self, folder: str, expires: int) -> str:
        """Sign that all private files of a folder on disk may be read for so many seconds."""
        return str(self._plain("folder").dumps([folder, int(time.time()) + expires]))

    def allows_folder(self, name: str, signature: str) -> bool:
        """Report whether a folder that was signed has a file."""
        try:
            _require_one_spelling(signature)
            folder, end = self._plain("folder").loads(signature)
        except (BadData, ValueError):
            return False
        return name.startswith(folder) and end > time.time()

    def sign_file(self, file: StoredFile) -> str:
        """Sign which file a permanent URL leads to. It is the same each time, and never ends."""
        values = [getattr(file, name) for name in _FILE]
        return str(self._plain("file").dumps(values))

    def read_file(self, token: str) -> StoredFile | None:
        """Return which file was signed, or ``None`` if it was not signed here."""
        try:
            return self._file_of(token, self._keys())
        except (BadData, ValueError):
            return None

    def sign_download(self, name: str, disposition: str) -> str:
        """Sign the Content-Disposition by which a file on disk is sent: nobody else chooses the
        name that a visitor's browser saves it under.
        """
        return str(self._plain("download").dumps([name, disposition]))

    def read_download(self, name: str, token: str) -> str:
        """Return the Content-Disposition that was signed for a file, or an empty text."""
        try:
            _require_one_spelling(token)
            signed_name, disposition = self._plain("download").loads(token)
        except (BadData, ValueError):
            return ""
        return str(disposition) if signed_name == name else ""

    def sign(self, kind: str, payload: dict[str, Any]) -> str:
        return str(self._timed(kind).dumps(payload))

    def read(self, kind: str, token: str, max_age: int) -> dict[str, Any]:
        """Return what was signed.

        :raises ExpiredTokenError: it is older than *max_age* seconds.
        :raises InvalidTokenError: it was not signed here, or as another kind.
        """
        try:
            _require_one_spelling(token)
            payload: dict[str, Any]
            payload, signed_at = self._timed(kind).loads(token, return_timestamp=True)
        except (BadData, ValueError) as error:
            raise InvalidTokenError("This upload is not valid: choose the file again.") from error
        # Another server's clock may be ahead. (Itsdangerous has no allowance for that.)
        if not -_MOST_SKEW <= int(time.time()) - signed_at.timestamp() <= max_age:
            raise ExpiredTokenError("This upload has expired: choose the file again.")
        return payload

    def _timed(self, kind: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(list(self._keys()), salt=self._store.salt + kind)

    def _plain(self, kind: str) -> URLSafeSerializer:
        return self._plain_of(kind, self._keys())

    def _make_plain(self, kind: str, keys: tuple[str, ...]) -> URLSafeSerializer:
        return URLSafeSerializer(list(keys), salt=self._store.salt + kind)

    def _load_file(self, token: str, keys: tuple[str, ...]) -> StoredFile:
        _require_one_spelling(token)
        values = self._plain_of("file", keys).loads(token)
        return StoredFile(**dict(zip(_FILE, values, strict=True)), store=self._store.name)

    def _keys(self) -> tuple[str, ...]:
        secret = self._app.secret_key
        if not secret:
            raise ConfigError(
                "SECRET_KEY is missing: direct uploads and private files are signed by it",
                setting="SECRET_KEY",
            )
        fallbacks: list[str] = self._app.config.get("SECRET_KEY_FALLBACKS") or []
        return (*fallbacks, cast("str", secret))


def _require_one_spelling(token: str) -> None:
    """Refuse a signature that decodes to the right bytes but is not how we write them: its last
    character has bits to spare, and characters outside the alphabet are skipped.

    :raises BadSignature: it is.
    """
    signature = token.rpartition(".")[2]
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise BadSignature("the signature is not in its canonical form")
