"""Who may keep an answer, and for how long, as ``Cache-Control`` says it (RFC 9111, RFC 8246)."""

import os
import re

_YEAR = 31_536_000  # seconds

# At its end: an id of this package or of sqlalchemy_s3_files, or a hash.
_NAMED_BY_ID = re.compile(r"(?:^|[-_./])[0-9a-f]{16,}$")


def is_named_by_id(name: str) -> bool:
    """Report whether a file's name has an id or a hash at its end, so that no other file will ever
    have the name.
    """
    return _NAMED_BY_ID.search(os.path.splitext(name)[0]) is not None


def redirect_caching(*, private: bool, is_asked: bool, left: int) -> str:
    """Return ``Cache-Control`` for a redirect to a file's own URL.

    :param private: whether that URL is signed.
    :param is_asked: whether the app decides for each visitor who may read.
    :param left: seconds that the URL holds at least. Half of them are for reading the file, after
        a redirect that a browser has kept.
    """
    if is_asked:
        return "private, no-cache"
    if private:
        return f"private, max-age={left // 2}"
    return "no-cache"


def file_caching(name: str, *, private: bool, is_asked: bool) -> str:
    """Return ``Cache-Control`` for a file's bytes that come from the app; the parameters are those
    of :func:`redirect_caching`.
    """
    if private or is_asked:
        return "private, no-cache"
    if is_named_by_id(name):
        return f"public, max-age={_YEAR}, immutable"
    return "no-cache"
