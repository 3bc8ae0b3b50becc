"""CloudFront's signed URLs, with a canned policy.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
"""

from time import time

from ._checks import check_text
from ._hosts import check_host, has_dot_segments, without_default_port, without_password
from ._lifetime import check_window, find_lifetime
from .exceptions import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# What browsers encode, or read as a slash (https://url.spec.whatwg.org/#path-percent-encode-set;
# Chromium encodes the bar, too).
_CHANGED_IN_PATH = frozenset('"<>\\^`{|}')
_CHANGED_IN_QUERY = frozenset("\"<>'")
_KEY_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_PARAMETERS = ("Expires=", "Policy=", "Signature=", "Key-Pair-Id=", "Hash-Algorithm=")


def sign_url_for_cloudfront(
    url: str,
    key_id: str,
    private_key: "str | bytes | RSAPrivateKey",
    expires: "int | timedelta",
    *,
    stable_for: "int | timedelta" = 0,
) -> str:
    """The URL by which anyone who has it may read from a CloudFront distribution, for a while.

    Needs ``cryptography``: ``pip install 'url-for-s3[cloudfront]'``.

    :param url: whole and encoded, as ``url_for_s3(..., cdn_domain=...)`` returns it. Every byte is
        signed, so it has to be as browsers send it (https://url.spec.whatwg.org).
    :param key_id: id of the public key in the distribution's trusted key group, such as
        ``'K2JCJMDEHXQW5F'``.
    :param private_key: RSA; the text of a PEM without a passphrase, parsed once, or a key that
        ``cryptography`` has loaded.
    :param expires: seconds from now, or a timedelta; 1 second or more.
    :param stable_for: seconds, or a timedelta. Within each window of this length the URL stays the
        same, so that browsers cache what it gives; it ends up to ``stable_for`` later than
        ``expires`` asks, and never earlier.
    :raises ArgumentError: a URL that CloudFront would refuse or a browser would change, an expiry
        out of range, no key id, or a private key that cannot be read or is not RSA.
    :raises ImportError: ``cryptography`` is not installed.
    """
    started, lifetime = find_lifetime(time(), expires, check_window("stable_for", stable_for))
    return sign_url_until(url, key_id, private_key, started + lifetime)


def sign_url_until(
    url: str, key_id: str, private_key: "str | bytes | RSAPrivateKey", expires_at: int
) -> str:
    """:func:`sign_url_for_cloudfront` with the end as Unix time, in seconds."""
    check_text("key_id", key_id, "K2JCJMDEHXQW5F")
    if not key_id or not frozenset(key_id) <= _KEY_ID:
        raise ArgumentError("key_id", key_id, "the id of the public key, such as 'K2JCJMDEHXQW5F'")
    check_text("url", url, "https://cdn.example.com/a.txt")
    resource, hash_sign, anchor = url.partition("#")
    _check_resource(resource)

    import json  # as cryptography, only for whoever signs

    try:
        from ._rsa import sign_sha1
    except ModuleNotFoundError as error:
        raise ImportError(
            "sign_url_for_cloudfront needs cryptography: pip install 'url-for-s3[cloudfront]'"
        ) from error

    condition = {"DateLessThan": {"AWS:EpochTime": expires_at}}
    policy = {"Statement": [{"Resource": resource, "Condition": condition}]}
    # CloudFront writes this policy anew from the URL, so every byte counts.
    signature = sign_sha1(private_key, json.dumps(policy, separators=(",", ":")).encode())
    separator = "&" if "?" in resource else "?"
    return (
        f"{resource}{separator}Expires={expires_at}&Signature={signature}&Key-Pair-Id={key_id}"
        f"{hash_sign}{anchor}"
    )


def _check_resource(url: str) -> None:
    """Refuse what is no URL, what is signed already, and what a browser would send otherwise."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"https", "http"}:
        raise ArgumentError(
            "url", without_password(url), "a URL that starts with https:// or http://"
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ArgumentError("url", url, "percent-encoded where it is not ASCII, spaces too")
    address, _, query = rest.partition("?")
    host, slash, path = address.partition("/")
    if check_host("url", host) != host or without_default_port(scheme, host) != host:
        raise ArgumentError(
            "url", url, "of a host in lower case, and without the port that goes without saying"
        )
    if not slash:
        raise ArgumentError("url", url, "of a path", ": browsers add the slash after the host")
    if has_dot_segments(path):
        raise ArgumentError(
            "url", url, "without segments '.' and '..'", ": they are removed on the way"
        )
    changed = (_CHANGED_IN_PATH & frozenset(path)) | (_CHANGED_IN_QUERY & frozenset(query))
    if changed:
        raise ArgumentError(
            "url", url, "as browsers send it", f": percent-encode {' '.join(sorted(changed))}"
        )
    if any(pair.startswith(_PARAMETERS) for pair in query.split("&")):
        raise ArgumentError("url", url, "without a parameter of CloudFront's signatures")
