"""The one signature that CloudFront asks for, and the one import of cryptography."""

from base64 import b64encode
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ._checks import check_encodable
from .exceptions import ArgumentError, ArgumentTypeError

# CloudFront's own alphabet, in place of what a query would have to encode.
_TO_URL = bytes.maketrans(b"+=/", b"-_~")


def sign_sha1(private_key: str | bytes | RSAPrivateKey, message: bytes) -> str:
    if isinstance(private_key, str):
        check_encodable("private_key", private_key, secret=True)
        private_key = private_key.encode()
    key = _load(private_key) if isinstance(private_key, bytes) else private_key
    if not isinstance(key, RSAPrivateKey):  # a PEM may hold any kind
        raise ArgumentTypeError("private_key", type(key), "RSA")
    # What CloudFront verifies, unless the URL names another hash.
    signature = key.sign(message, PKCS1v15(), SHA1())  # noqa: S303
    return b64encode(signature).translate(_TO_URL).decode()


# Few, so that keys don't stay in memory for long after they are changed.
@lru_cache(maxsize=4)
def _load(pem: bytes) -> object:
    try:
        return load_pem_private_key(pem, password=None)
    except (TypeError, ValueError) as error:  # TypeError: there is a passphrase
        if b"-----BEGIN" not in pem:
            raise ArgumentError(
                "private_key", type(pem), "the text of a PEM", ": pass a file's text, not its path"
            ) from error
        raise ArgumentError(
            "private_key",
            type(pem),
            "a PEM without a passphrase",
            f": it cannot be read ({error}); load it with cryptography and pass the key itself",
        ) from error
