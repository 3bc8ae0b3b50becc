"""Finds the known setting that a misspelt key is likely to mean."""

from collections.abc import Iterable
from difflib import get_close_matches

# Words that people leave out or add, and synonyms.
_NOISE = frozenset({"NAME", "URL", "ID"})
_SAME = dict.fromkeys(["ROOT", "PATH", "DIR", "DIRECTORY"], "FOLDER")

# The smallest ratio of difflib's SequenceMatcher that counts: REGOIN for REGION has 0.83.
_CLOSE = 0.8


def near_key(key: str, known: Iterable[str], prefix: str) -> str:
    """Return the known key that *key* is a near miss of; empty if there is none.

    A near miss is a typing error (``S3_REGOIN``), or has the same words in another order, with
    synonyms, or without one that is often forgotten (``S3_BUCKET``, ``S3_SECRET_ACCESS_KEY``,
    ``MEDIA_THUMBNAIL_ROOT``).

    :param prefix: what *key* begins with; only known keys that begin with it count.
    """
    rests = {one.removeprefix(prefix): one for one in known if one.startswith(prefix)}
    rest = key.removeprefix(prefix)
    for other, one in rests.items():
        if (words := _words(rest)) and words == _words(other):
            return one
    close = get_close_matches(rest, rests, n=1, cutoff=_CLOSE)
    return rests[close[0]] if close else ""


def _words(rest: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in rest.split("_")) - _NOISE
