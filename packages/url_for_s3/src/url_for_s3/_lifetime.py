"""How long a signed URL holds, and from when."""


def find_lifetime(
    now: float, expires: object, stable_for: object = 0, longest: int | None = None
) -> tuple[int, int]:
    """The second to sign at and how many seconds to sign for, the same within each window of
    ``stable_for`` seconds. The end lies ``expires`` to ``expires + stable_for`` seconds from now.
    """
    if not isinstance(expires, int) or expires < 1:
        raise ValueError(f"expires={expires!r}: a whole number of seconds, at least 1")
    if not isinstance(stable_for, int) or stable_for < 0:
        raise ValueError(f"stable_for={stable_for!r}: a whole number of seconds, at least 0")
    lifetime = expires + stable_for
    if longest is not None and lifetime > longest:
        raise ValueError(
            f"expires={expires!r}, stable_for={stable_for!r}: together at most {longest:,} seconds"
        )
    return int(now) - int(now) % (stable_for or 1), lifetime
