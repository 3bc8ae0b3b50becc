"""Ages on command lines: ``30m``, ``24h``, ``7d``, ``4w``."""

import re
from datetime import timedelta

from .exceptions import ArgumentError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=700_000)  # dates go no further back


def parse_age(text: str) -> timedelta:
    """Return the age that a command's ``--older-than`` means.

    :param text: a whole number and a unit, such as ``'30m'``, ``'24h'``, ``'7d'`` or ``'4w'``, or
        ``'0'``.
    :raises ArgumentError: it is anything else.
    """
    if text == "0":  # is the same in any unit
        return timedelta()
    if not (match := re.fullmatch(r"([0-9]{1,8})([smhdw])", text)):
        raise ArgumentError("older_than", text, "an age such as 30m, 24h, 7d or 4w")
    return min(timedelta(**{_UNITS[match[2]]: int(match[1])}), _LONGEST)
