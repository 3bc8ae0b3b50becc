"""Which content types a rule allows."""

from ._browser import is_active
from ._families import known_types


def matches(content_type: str, pattern: str) -> bool:
    """Return whether *pattern* allows a type: ``'image/png'``, or ``'image/*'``.

    A wildcard leaves out what can hold script, such as SVG: that has to be named.
    """
    if pattern.endswith("/*"):
        return content_type.startswith(pattern[:-1]) and not is_active(content_type)
    return content_type == pattern


def can_be_found(pattern: str) -> bool:
    """Return whether bytes can be found to be of a type that *pattern* allows."""
    return any(matches(one, pattern) for one in known_types())
