"""Which known setting somebody may have meant by a key that is none."""

from collections.abc import Iterable

# Words that people leave out, add, or say differently.
_NOISE = frozenset({"NAME", "URL", "ID"})
_SAME = dict.fromkeys(["ROOT", "PATH", "DIR", "DIRECTORY"], "FOLDER")

# The least ratio of difflib's SequenceMatcher: 0.83 is REGOIN for REGION.
_CLOSE = 0.8


def near_key(key: str, known: Iterable[str], prefix: str) -> str:
    """Return the known key that *key* is a near miss of; empty if there is none.

    A near miss is a slip of the fingers (``S3_REGOIN``), or the same words but for some that are
    often forgotten, swapped or said differently (``S3_BUCKET``, ``S3_SECRET_ACCESS_KEY``,
    ``MEDIA_THUMBNAIL_ROOT``).

    :param prefix: what *key* begins with; only known keys that begin with it count.
    """
    from difflib import get_close_matches  # only for keys that are wrong

    rests = {one.removeprefix(prefix): one for one in known if one.startswith(prefix)}
    rest = key.removeprefix(prefix)
    for other, one in rests.items():
        if (words := _words(rest)) and words == _words(other):
            return one
    close = get_close_matches(rest, rests, n=1, cutoff=_CLOSE)
    return rests[close[0]] if close else ""


def _words(rest: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in rest.split("_")) - _NOISE
