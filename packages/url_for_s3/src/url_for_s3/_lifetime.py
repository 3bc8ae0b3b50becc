"""How long a signed URL holds, and from when."""

from datetime import timedelta

from .exceptions import ArgumentError, ArgumentTypeError


def find_lifetime(
    now: float, expires: object, window: object = 0, longest: int | None = None
) -> tuple[int, int]:
    """Return the second to sign at and how many seconds to sign for, the same within each window
    of ``window`` seconds. The end lies ``expires`` to ``expires + window`` seconds from now.

    :param longest: what ``expires`` may be, and what both together are cut to.
    """
    seconds = to_seconds("expires", expires)
    if seconds < 1 or (longest is not None and seconds > longest):
        rule = f"1 to {longest:,} seconds" if longest is not None else "1 second or more"
        raise ArgumentError("expires", expires, rule)
    length = check_window("stable", window)
    if longest is not None:
        length = min(length, longest - seconds)
    return int(now) - int(now) % (length or 1), seconds + length


def check_window(argument: str, value: object) -> int:
    """Return for how many seconds a URL is to stay the same."""
    seconds = to_seconds(argument, value)
    if seconds < 0:
        raise ArgumentError(argument, value, "0 seconds or more")
    return seconds


def to_seconds(argument: str, value: object) -> int:
    """Return a number of seconds, or a timedelta, as seconds."""
    if isinstance(value, timedelta):
        if value.microseconds == 0:
            return value.days * 86_400 + value.seconds
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ArgumentTypeError(argument, value, "a whole number of seconds, or a timedelta of such")
