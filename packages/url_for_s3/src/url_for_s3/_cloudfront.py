"""CloudFront's signed URLs, with a canned policy.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
"""

from time import time

from ._lifetime import find_lifetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_PARAMETERS = ("Expires=", "Policy=", "Signature=", "Key-Pair-Id=", "Hash-Algorithm=")


def sign_url_for_cloudfront(
    url: str,
    key_id: str,
    private_key: "str | bytes | RSAPrivateKey",
    expires: int,
    *,
    stable_for: int = 0,
) -> str:
    """The URL by which anyone who has it may read from a CloudFront distribution, for a while.

    Needs ``cryptography``: ``pip install 'url-for-s3[cloudfront]'``.

    :param url: Whole and encoded, as ``url_for_s3(..., cdn_domain=...)`` gives it.
    :param key_id: Id of the public key in the distribution's trusted key group, such as
        ``'K2JCJMDEHXQW5F'``.
    :param private_key: RSA; PEM without a passphrase, parsed once, or a key that ``cryptography``
        has loaded.
    :param expires: Seconds from now, at least 1.
    :param stable_for: Seconds. Within each window of this length the URL stays the same, so that
        browsers cache what it gives; it ends up to ``stable_for`` seconds later than ``expires``
        asks, and never earlier.
    :raises ValueError: A URL that CloudFront would refuse, an expiry out of range, no key id, or a
        private key that cannot be read or is not RSA.
    :raises ImportError: ``cryptography`` is not installed.
    """
    started, lifetime = find_lifetime(time(), expires, stable_for)
    return sign_url_until(url, key_id, private_key, started + lifetime)


def sign_url_until(
    url: str, key_id: str, private_key: "str | bytes | RSAPrivateKey", expires_at: int
) -> str:
    """:func:`sign_url_for_cloudfront` with the end as Unix time, in seconds."""
    if not key_id:
        raise ValueError("key_id is empty: the id of the public key, such as 'K2JCJMDEHXQW5F'")
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
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"url={url!r}: starts with https:// or http://")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"url={url!r}: percent-encode what is not ASCII, spaces too")
    if any(pair.startswith(_PARAMETERS) for pair in url.partition("?")[2].split("&")):
        raise ValueError(f"url={url!r}: has a parameter of CloudFront's signatures already")
