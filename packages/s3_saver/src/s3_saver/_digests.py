"""Digests of files. OpenSSL, which takes as long as ten of our modules, is loaded by the first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash


def sha256(data: bytes = b"") -> "_Hash":
    import hashlib

    return hashlib.sha256(data)


def md5(data: bytes = b"") -> "_Hash":
    """S3's ETags are made of it, and nothing is secured by it."""
    import hashlib

    return hashlib.md5(data, usedforsecurity=False)
