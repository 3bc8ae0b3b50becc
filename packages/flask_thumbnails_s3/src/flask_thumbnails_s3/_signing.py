"""The URLs of the app's own routes: signed for one file, one purpose, and a while."""

import re
import time
from base64 import urlsafe_b64encode
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any
from urllib.parse import quote, unquote

from flask import current_app, g, has_request_context, url_for
from itsdangerous import BadData, Signer, base64_decode, base64_encode
from itsdangerous.signer import SigningAlgorithm

from .exceptions import ConfigError

_SALT = "flask-thumbnails-s3."
_is_plain = re.compile(r"[A-Za-z0-9_.~/-]*").fullmatch
_is_time = re.compile(r"[1-9][0-9]{0,11}").fullmatch


class Purpose(StrEnum):
    """What a route is for: it makes a thumbnail, or sends one, or sends an original, or says
    whether a thumbnail is ready.
    """

    MAKE = "new"
    SEND = "file"
    ORIGINAL = "original"
    READY = "ready"

    @property
    def endpoint(self) -> str:
        return f"flask_thumbnails_s3.{self}"

    @property
    def rule(self) -> str:
        """The path below ``THUMBNAIL_ROUTE``."""
        return f"/{self}/<path:name>"


class RouteSigner:
    """Signs the URLs of one route with the app's ``SECRET_KEY``; ``SECRET_KEY_FALLBACKS`` still
    verify.

    :param expires: in seconds. A URL stays the same within a window of this length, so that what
        keeps pages keeps them equal; it holds for one to two windows.
    :param store: of whose files; another store's signatures do not hold.
    :param domain: scheme and host of the URLs; without it, they are those of the request.
    """

    def __init__(self, purpose: Purpose, expires: int, store: str = "", domain: str = "") -> None:
        self._domain = domain
        self._endpoint, self._salt = purpose.endpoint, f"{_SALT}{purpose}"
        self._query = ""
        if store:
            self._salt += f".{store}"
            self._query = f"store={quote(store, safe='')}"
        self._expires = expires
        self._made: Signer | None = None
        self._mac: blake2b | None = None

    def url(self, name: str, bucket_name: str = "") -> str:
        """Return the URL of a file, whose name must have been checked.

        :raises ConfigError: there is no ``SECRET_KEY``.
        """
        end, bucket, path = self._end(), quote_bucket(bucket_name), quote_name(name)
        signature = self._sign(f"{end}/{bucket}/{path}")
        url = f"{route_of(self._endpoint, self._domain)}{path}?expires={end}&signature={signature}"
        if self._query:
            url += f"&{self._query}"
        return f"{url}&bucket={bucket}" if bucket else url

    def token(self, name: str, bucket_name: str = "") -> str:
        """Return what says the same as a URL, for :meth:`read_token`; raises as :meth:`url`."""
        text = f"{self._end()}/{quote_bucket(bucket_name)}/{quote_name(name)}"
        return f"{self._sign(text)}/{text}"

    def read_token(self, token: str) -> tuple[str, str] | None:
        """Return name and bucket of a token; ``None`` if it is old or we did not make it."""
        signature, expires, bucket_name, name = [*token.split("/", 3), "", "", ""][:4]
        name, bucket_name = unquote(name), unquote(bucket_name)
        is_good = self.status(name, bucket_name, expires, signature) == 200
        return (name, bucket_name) if is_good else None

    def _end(self) -> int:
        return (int(time.time()) // self._expires + 2) * self._expires

    def _sign(self, text: str) -> str:
        """Sign what no two files have the same, as only a name may have slashes."""
        if self._mac is None:
            self._mac = _keyed(self._signer().secret_keys[-1])
        # What the signer does, in a quarter of its time: a page may have 50.
        mac = self._mac.copy()
        mac.update(text.encode())
        return urlsafe_b64encode(mac.digest()).decode()

    def plain_url(self, name: str) -> str:
        """Return the URL of a file that everybody may see."""
        url = route_of(self._endpoint, self._domain) + quote_name(name)
        return f"{url}?{self._query}" if self._query else url

    def status(self, name: str, bucket_name: str, expires: str, signature: str) -> int:
        """Return the status with which a URL is refused: 403 if we did not make it, 410 if it has
        expired; or 200.
        """
        try:
            # The last character has bits to spare, and foreign characters would be skipped.
            is_ours = base64_encode(base64_decode(signature)).decode() == signature
        except BadData:
            is_ours = False
        if not (is_ours and _is_time(expires)):
            return 403
        text = f"{int(expires)}/{quote_bucket(bucket_name)}/{quote_name(name)}"
        if not self._signer().verify_signature(text, signature):
            return 403
        return 200 if int(expires) > time.time() else 410

    def _signer(self) -> Signer:
        if self._made is None:
            if not current_app.secret_key:
                raise ConfigError(
                    "SECRET_KEY is missing: the URLs of thumbnails that the app makes or sends are "
                    "signed by it; set it, or for thumbnails that everybody may see set "
                    "THUMBNAIL_S3_PRIVATE = False and another THUMBNAIL_MODE than 'lazy'",
                    setting="SECRET_KEY",
                )
            fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
            # Derived once: a page may have 50 URLs.
            keys = [
                Signer(key, self._salt, key_derivation="hmac", digest_method=sha256).derive_key()
                for key in (*fallbacks, current_app.secret_key)
            ]
            self._made = Signer(keys, key_derivation="none", algorithm=_MAC)
        return self._made


class _KeyedBlake2(SigningAlgorithm):
    """The MAC that BLAKE2 is by itself (RFC 7693): a third of the time of HMAC."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        mac = _keyed(key)
        mac.update(value)
        return mac.digest()


def _keyed(key: bytes) -> blake2b:
    # Of 24 bytes, whose base64 needs no padding.
    return blake2b(key=key, digest_size=24)


_MAC = _KeyedBlake2()


def route_of(endpoint: str, domain: str = "") -> str:
    """Return what the URLs of a route begin with: one :func:`url_for` for a whole page."""
    key = endpoint + domain
    route: str | None = g.get(key)
    if route is None:
        route = url_of(endpoint, domain, name="-").removesuffix("-")
        setattr(g, key, route)
    return route


def url_of(endpoint: str, domain: str = "", **values: Any) -> str:
    """Return the URL of an endpoint of the app, also in a mail or a script.

    :param domain: its scheme and host; without it, they are those of the request.
    :raises ConfigError: there is neither a domain nor a request, nor a ``SERVER_NAME``.
    """
    if domain and not has_request_context():
        adapter = current_app.url_map.bind("", current_app.config["APPLICATION_ROOT"])
        return domain + adapter.build(endpoint, values)
    if not (has_request_context() or current_app.config["SERVER_NAME"]):
        raise ConfigError(
            "SERVER_NAME is missing: outside of a request, such as in a mail or a script, the URLs "
            "of thumbnails that the app sends begin with it; set it, such as 'www.example.com', "
            "or UPLOADS_DOMAIN = 'https://www.example.com' where originals= is an Uploads",
            setting="SERVER_NAME",
        )
    if domain:
        return domain + url_for(endpoint, _external=False, **values)
    return url_for(endpoint, **values)


@lru_cache(maxsize=64)
def quote_bucket(name: str) -> str:
    """Return a bucket's name as a part of a URL, without slashes."""
    return quote(name, safe="", errors="surrogatepass")


def quote_name(name: str) -> str:
    """Return a file's name as the path of a URL: of nearly every name the same, which a page of 50
    need not look at closely.
    """
    return name if _is_plain(name) else quote(name, errors="surrogatepass")
