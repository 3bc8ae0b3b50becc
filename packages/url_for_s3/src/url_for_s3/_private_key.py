"""The two kinds of signatures that CloudFront verifies, and the one import of cryptography.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_PublicKey.html
"""

from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ._checks import check_encodable
from .exceptions import ArgumentError, ArgumentTypeError

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey

_RULE = "RSA of 2,048 bits, or on the elliptic curve P-256"


def signing_function(
    private_key: str | bytes | PrivateKey, hash_algorithm: str
) -> Callable[[bytes], bytes]:
    """Return what signs a message.

    :param private_key: as for :class:`~url_for_s3.CloudFrontSigner`.
    :param hash_algorithm: ``'SHA1'`` or ``'SHA256'``.
    :raises ArgumentError: the key cannot be read, or CloudFront would not take it.
    """
    key = _load(private_key) if isinstance(private_key, str | bytes) else private_key
    algorithm = SHA1() if hash_algorithm == "SHA1" else SHA256()  # noqa: S303
    if isinstance(key, RSAPrivateKey) and key.key_size == 2048:
        return lambda message: key.sign(message, PKCS1v15(), algorithm)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        ecdsa = _ecdsa(algorithm)
        return lambda message: key.sign(message, ecdsa)
    if isinstance(key, RSAPrivateKey):
        raise ArgumentError("private_key", type(key), _RULE, f": its size is {key.key_size:,} bits")
    if isinstance(key, EllipticCurvePrivateKey):
        raise ArgumentError("private_key", type(key), _RULE, f": its curve is {key.curve.name}")
    raise ArgumentTypeError("private_key", type(key), _RULE)  # a PEM may hold any kind


def _ecdsa(algorithm: SHA1 | SHA256) -> ECDSA:
    """Return what makes the same signature each time (RFC 6979), where OpenSSL can: then all
    processes of an app make the same URL.
    """
    try:
        return ECDSA(algorithm, deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ECDSA(algorithm)


def _load(private_key: str | bytes) -> object:
    pem = private_key
    if isinstance(pem, str):
        check_encodable("private_key", pem, secret=True)
        pem = pem.encode()
    try:
        return load_pem_private_key(pem, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        rule, hint = _find_fault(pem, error)
        raise ArgumentError("private_key", type(private_key), rule, hint) from error


def _find_fault(pem: bytes, error: Exception) -> tuple[str, str]:
    """Return what a key must be that cannot be read, and why it is not."""
    if b"-----BEGIN" not in pem:
        return "the text of a PEM", ": pass a file's text, not its path"
    if isinstance(error, TypeError):
        return (
            "a PEM without a passphrase",
            f": it cannot be read ({error}); load it with cryptography and pass the key itself",
        )
    if b"\\n" in pem:
        return "a PEM of several lines", ": a backslash and an n are where its lines should end"
    if b"PRIVATE KEY-----" not in pem:
        return "the PEM of a private key", ": this is another one, such as of a public key"
    return (
        "a PEM as openssl writes it (PKCS #8, PKCS #1 or SEC 1)",
        f": it cannot be read ({error})",
    )
