"""CloudFront's signatures: one key, which signs URLs and cookies."""

from binascii import b2a_base64
from functools import lru_cache
from time import time

from ._checks import check_text
from ._cloudfront_cookies import CloudFrontCookies, make_cookies
from ._cloudfront_policy import (
    check_length,
    check_match,
    check_resource,
    check_url,
    to_epoch,
    to_range,
    write_policy,
)
from ._lifetime import find_lifetime
from .exceptions import ArgumentError, MissingPackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ._private_key import PrivateKey
    from ._settings import SignerSettings

_KEY_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
# CloudFront's own alphabet, in place of what a query would have to encode.
_TO_URL = bytes.maketrans(b"+=/", b"-_~")
_KEPT = 1024  # signatures, of about 1 kB each


class CloudFrontSigner:
    """Signs for a CloudFront distribution, with a key that is read once. It never changes and may
    be shared by threads; nothing is asked of CloudFront.

    Needs ``cryptography``: ``pip install 'url-for-s3[cloudfront]'``.

    :param key_id: id of the public key in the distribution's trusted key group, such as
        ``'K2JCJMDEHXQW5F'``.
    :param private_key: RSA of 2,048 bits or ECDSA on the curve P-256: the text of a PEM without a
        passphrase, or a key that ``cryptography`` has loaded. ECDSA's signatures are a quarter as
        long, and take a tenth of the time.
    :param hash_algorithm: ``'SHA256'``, which the signed URLs name, or ``'SHA1'``, which CloudFront
        takes without a name.
    :raises ArgumentError: no key id, or a private key that cannot be read, or of another kind.
    :raises MissingPackageError: ``cryptography`` is not installed.
    """

    def __init__(
        self,
        key_id: str,
        private_key: "str | bytes | PrivateKey",
        *,
        hash_algorithm: str = "SHA256",
    ) -> None:
        check_text("key_id", key_id, "K2JCJMDEHXQW5F")
        if not key_id or not frozenset(key_id) <= _KEY_ID:
            raise ArgumentError(
                "key_id", key_id, "the id of the public key, such as 'K2JCJMDEHXQW5F'"
            )
        if hash_algorithm not in ("SHA1", "SHA256"):
            raise ArgumentError("hash_algorithm", hash_algorithm, "'SHA256' or 'SHA1'")
        try:
            from ._private_key import signing_function
        except ModuleNotFoundError as error:
            raise MissingPackageError(
                "private_key",
                type(private_key),
                "used where cryptography is installed",
                ": pip install 'url-for-s3[cloudfront]'",
            ) from error
        self._key_id = key_id
        self._hash_algorithm = hash_algorithm
        self._sign_bytes = signing_function(private_key, hash_algorithm)
        # The URLs of a page stay the same for a while, and RSA takes a quarter of a millisecond.
        self._signature = lru_cache(maxsize=_KEPT)(self._make_signature)

    def __repr__(self) -> str:
        return f"CloudFrontSigner({self._key_id!r}, hash_algorithm={self._hash_algorithm!r})"

    @classmethod
    def from_settings(cls, settings: "SignerSettings") -> "CloudFrontSigner | None":
        """Make a signer of what an app has set; None if that is no key.

        :param settings: such as ``s3_saver.settings.S3Settings``: ``cloudfront`` is the id of a
            key and the text of its PEM, or None.
        :raises ArgumentError: as :class:`CloudFrontSigner`, for ``key_id`` and ``private_key``.
        """
        return None if settings.cloudfront is None else cls(*settings.cloudfront)

    def sign(
        self,
        url: str,
        *,
        expires: "int | timedelta" = 3600,
        stable: "bool | int | timedelta" = True,
        resource: str | None = None,
        starts_at: "datetime | None" = None,
        ip_range: str | None = None,
    ) -> str:
        """Return a URL with which anyone can read from the distribution for a while.

        :param url: whole and encoded, as :meth:`S3Bucket.url` returns it. Every byte is signed, so
            it has to be as browsers send it (https://url.spec.whatwg.org).
        :param expires: seconds from now, or a timedelta; 1 second or more.
        :param stable: keep the URL the same for a while, so that browsers cache what it gives: it
            ends up to that much later than *expires* asks, and never earlier. True: as long as
            *expires*; otherwise seconds or a timedelta.
        :param resource: what may be read with the signature in place of this URL alone: ``*``
            matches any number of characters, ``?`` one. The URL must match it.
        :param starts_at: the URL is refused until then.
        :param ip_range: the only IPv4 address or network, such as ``'192.0.2.0/24'``, from which
            it may be read. The distribution must not answer over IPv6 then.
        :raises ArgumentError: one of them is wrong, CloudFront would refuse the URL, or a browser
            would change it.
        """
        check_url(url)
        window = expires if stable is True else stable or 0
        begins_at, lifetime = find_lifetime(time(), expires, window)
        return self._sign_until(
            url, begins_at + lifetime, resource=resource, starts_at=starts_at, ip_range=ip_range
        )

    def cookies(
        self,
        resource: str,
        *,
        expires: "int | timedelta" = 3600,
        starts_at: "datetime | None" = None,
        ip_range: str | None = None,
        domain: str | None = None,
    ) -> CloudFrontCookies:
        """The cookies by which a browser may read all that matches, such as a folder, for a while.

        Browsers send them for the resource's folder and what is below it. Of two folders that hold
        each other, they send both, and CloudFront knows one alone.

        :param resource: such as ``bucket.url("videos/42/") + "*"``; as for :meth:`sign`.
        :param expires: seconds from now, or a timedelta; 1 second or more.
        :param starts_at: as for :meth:`sign`, as is *ip_range*.
        :param domain: what the app's host and the distribution's have in common, such as
            ``'example.com'`` for ``www.`` and ``cdn.example.com``. A browser takes no cookies for
            others. None if CloudFront serves the app, too.
        :raises ArgumentError: one of them is wrong.
        """
        check_resource(resource)
        now, lifetime = find_lifetime(time(), expires)
        policy = _custom_policy(resource, now + lifetime, starts_at, ip_range)
        values = {
            "CloudFront-Policy": _encode(policy),
            # Another one in each second: kept, they would push out those of URLs.
            "CloudFront-Signature": self._make_signature(policy),
            "CloudFront-Key-Pair-Id": self._key_id,
        }
        if self._hash_algorithm != "SHA1":
            values["CloudFront-Hash-Algorithm"] = self._hash_algorithm
        return make_cookies(values, resource, domain)

    def _sign_until(
        self,
        url: str,
        ends_at: int,
        *,
        resource: str | None = None,
        starts_at: "datetime | None" = None,
        ip_range: str | None = None,
    ) -> str:
        """:meth:`sign` with the end as Unix time, in seconds."""
        url, hash_sign, fragment = url.partition("#")
        if resource is None and starts_at is None and ip_range is None:
            policy = write_policy(url, ends_at)
            condition = f"Expires={ends_at}"
        else:
            if resource is not None:
                check_resource(resource)
                check_match(resource, url)
            policy = _custom_policy(resource or url, ends_at, starts_at, ip_range)
            condition = f"Policy={_encode(policy)}"
        name = "" if self._hash_algorithm == "SHA1" else f"&Hash-Algorithm={self._hash_algorithm}"
        signed = (
            f"{url}{'&' if '?' in url else '?'}{condition}&Signature={self._signature(policy)}"
            f"&Key-Pair-Id={self._key_id}{name}"
        )
        check_length(signed)
        return f"{signed}{hash_sign}{fragment}"

    def _make_signature(self, policy: bytes) -> str:
        return _encode(self._sign_bytes(policy))


def _custom_policy(
    resource: str, ends_at: int, starts_at: "datetime | None", ip_range: str | None
) -> bytes:
    return write_policy(resource, ends_at, to_epoch(starts_at, ends_at), to_range(ip_range))


def _encode(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_TO_URL).decode()
