"""The route of ``THUMBNAIL_MODE = 'lazy'``: signed URLs, and what answers them."""

import hmac
import time
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote

from flask import Flask, current_app, g, url_for
from itsdangerous import Signer

from .exceptions import ConfigError

ENDPOINT = "flask_thumbnails_s3"
_quote_bucket = lru_cache(maxsize=64)(quote)
_SALT = "flask-thumbnails-s3.lazy"


class RouteSigner:
    """Signs the route's URLs with the app's ``SECRET_KEY``, for nothing else and for a while.

    :param expires: in seconds. A URL stays the same within a window of this length, so that what
        keeps pages keeps them equal; it holds for one to two windows.
    """

    def __init__(self, expires: int) -> None:
        self._expires = expires
        self._keys: list[bytes] = []

    def url(self, bucket: str, name: str) -> str:
        """Give the URL that makes a thumbnail and leads to it."""
        window = int(time.time()) // self._expires
        expires = str((window + 2) * self._expires)
        signature = _sign(self._get_keys()[-1], bucket, name, expires)
        url = f"{_route()}{quote(name)}?expires={expires}&signature={signature}"
        return f"{url}&bucket={_quote_bucket(bucket)}" if bucket else url

    def is_genuine(self, bucket: str, name: str, expires: str, signature: str) -> bool:
        """Tell whether we made this URL, if it has expired or not."""
        given = signature.encode()
        return any(
            hmac.compare_digest(given, _sign(key, bucket, name, expires).encode())
            for key in self._get_keys()
        )

    def _get_keys(self) -> list[bytes]:
        if not self._keys:
            self._keys = _derive_keys(current_app)
        return self._keys


def _derive_keys(app: Flask) -> list[bytes]:
    """Give the keys of this purpose, the one to sign with last.

    They are derived once: a :class:`Signer` does it for each URL, in twice the time.
    """
    if not app.secret_key:
        raise ConfigError("SECRET_KEY is missing: THUMBNAIL_MODE = 'lazy' signs its URLs with it")
    secrets = [*(app.config.get("SECRET_KEY_FALLBACKS") or ()), app.secret_key]
    return [Signer(secret, _SALT, key_derivation="hmac").derive_key() for secret in secrets]


def _sign(key: bytes, bucket: str, name: str, expires: str) -> str:
    """Give the keyed BLAKE2b (RFC 7693), which is a MAC, in a third of the time of HMAC."""
    value = f"{expires}\n{bucket}\n{name}".encode(errors="surrogatepass")
    return blake2b(value, key=key, digest_size=20).hexdigest()


def _route() -> str:
    """Give what the URLs of the route begin with: one :func:`url_for` for a whole page."""
    route: str | None = g.get(ENDPOINT)
    if route is None:
        route = url_for(ENDPOINT, name="-").removesuffix("-")
        setattr(g, ENDPOINT, route)
    return route
