"""What Rules can be made of: wrong values are told by the rule's name when it is made."""

import difflib
import importlib.util

from ._types import can_be_found, known_types
from .exceptions import ConfigError

Dimensions = tuple[int, int]

# Under which no file is found to be; by RFC 7303 and RFC 9239.
_RENAMED = {"text/xml": "application/xml", "application/javascript": "text/javascript"}


def clean_max_bytes(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"max_bytes must be an int, such as 10_000_000, got {value!r}")
    if value < 1:
        raise ValueError(f"max_bytes must be 1 or more, or None for any size, got {value}")
    return value


def clean_types(value: object) -> tuple[str, ...]:
    types = _texts("types", value, "('image/png', 'image/*')")
    for one in types:
        family, slash, kind = one.partition("/")
        if not family or not slash or not kind or "*" in family or ("*" in kind and kind != "*"):
            raise ValueError(
                f"types must be content types such as 'image/png', or 'image/*' for all images, got"
                f" {one!r}"
            )
        if one in _RENAMED:
            raise ValueError(f"types has {one!r}, an old name: write {_RENAMED[one]!r}")
        if not can_be_found(one):
            close = difflib.get_close_matches(one, known_types(), n=1, cutoff=0.7)
            hint = f"did you mean {close[0]!r}?" if close else "allow extensions in its place"
            raise ValueError(f"types has {one!r}, which no file is found to be: {hint}")
    return types


def clean_extensions(value: object) -> tuple[str, ...]:
    extensions = _texts("extensions", value, "('jpg', 'jpeg')")
    cleaned = tuple(extension.removeprefix(".") for extension in extensions)
    for one in cleaned:
        if not one.isalnum():
            raise ValueError(
                "extensions must be what follows the last dot of a name, such as 'jpg', got"
                f" {one!r}"
            )
    return cleaned


def clean_dimensions(name: str, value: object) -> Dimensions | None:
    if value is None:
        return None
    if not (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in value)
    ):
        raise TypeError(
            f"{name} must be width and height in pixels, such as (8000, 8000), got {value!r}"
        )
    if importlib.util.find_spec("PIL") is None:  # it is not imported yet
        raise ConfigError(f"{name} needs Pillow: pip install 'flask-s3-upload[images]'")
    return value[0], value[1]


def check_order(least: Dimensions, most: Dimensions) -> None:
    if least[0] > most[0] or least[1] > most[1]:
        raise ValueError(f"min_dimensions {least} must not be above max_dimensions {most}")


def _texts(name: str, value: object, example: str) -> tuple[str, ...]:
    if not isinstance(value, tuple | list | set | frozenset) or not all(
        isinstance(one, str) for one in value
    ):
        raise TypeError(f"{name} must be a tuple of str, such as {example}, got {value!r}")
    return tuple(one.lower() for one in value)
