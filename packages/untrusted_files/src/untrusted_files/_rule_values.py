"""Checks of the arguments of :class:`~untrusted_files.Rules`: errors name the argument."""

import difflib
import importlib.util
from typing import Any

from ._families import canonical_type, fits_name, is_text_type, known_types
from ._matching import can_be_found, matches
from .exceptions import ArgumentError, MissingLibraryError

Dimensions = tuple[int, int]

PILLOW_IS_MISSING = "{} needs Pillow: pip install 'untrusted-files[images]'"


def clean_max_bytes(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ArgumentError(
        "max_bytes", value, "a whole number of bytes from 1 up, such as 10_000_000, or None"
    )


def clean_flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ArgumentError(name, value, "True or False")


def clean_types(value: object) -> tuple[str, ...]:
    return tuple(_clean_type(one) for one in _texts("types", value, "('image/png', 'image/*')"))


def _clean_type(text: str) -> str:
    family, slash, kind = text.partition("/")
    if not family or not slash or not kind or "*" in family or ("*" in kind and kind != "*"):
        raise ArgumentError(
            "types", text, "content types such as 'image/png', or 'image/*' for all pictures"
        )
    content_type = canonical_type(text)
    if not can_be_found(content_type):
        kinds = (one.partition("/")[2] for one in known_types() if one.startswith(f"{family}/"))
        close = difflib.get_close_matches(kind, kinds, n=1, cutoff=0.6)
        hint = f"did you mean '{family}/{close[0]}'?" if close else "use extensions instead"
        raise ArgumentError("types", text, f"types that bytes can be found to have ({hint})")
    return content_type


def clean_extensions(value: object) -> tuple[str, ...]:
    extensions = tuple(
        one.removeprefix(".") for one in _texts("extensions", value, "('jpg', 'jpeg')")
    )
    for one in extensions:
        if not one or "." in one or "/" in one or "*" in one:
            raise ArgumentError(
                "extensions", one, "what follows the last dot of a name, such as 'jpg'"
            )
    return extensions


def clean_dimensions(name: str, value: object) -> Dimensions | None:
    if value is None:
        return None
    if not (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in value)
    ):
        raise ArgumentError(name, value, "width and height in pixels, such as (8000, 8000)")
    if importlib.util.find_spec("PIL") is None:  # it is not imported yet
        raise MissingLibraryError(PILLOW_IS_MISSING.format(name))
    return value[0], value[1]


def clean_limits(value: Any) -> Any:
    if value is None:
        return None
    from .pictures import Limits  # which needs Pillow

    if not isinstance(value, Limits):
        raise ArgumentError("limits", value, "a pictures.Limits or None")
    return value


def check_agreement(
    types: tuple[str, ...], extensions: tuple[str, ...], *, is_picture: bool, is_text: bool
) -> None:
    """
    :raises ArgumentError: no file could keep these rules together.
    """
    if not types:
        return
    allowed = [one for one in known_types() if any(matches(one, pattern) for pattern in types)]
    if extensions and not any(fits_name(one, f"x.{end}") for one in allowed for end in extensions):
        raise ArgumentError("extensions", extensions, f"some that files of types {types} may have")
    if is_text and not any(is_text_type(one) for one in allowed):
        raise ArgumentError("utf8", is_text, f"False where no text is among types {types}")
    if is_picture and not any(matches(one, "image/*") for one in allowed):
        raise ArgumentError("is_picture", is_picture, f"False where types are {types}")


def check_order(least: Dimensions, most: Dimensions) -> None:
    if least[0] > most[0] or least[1] > most[1]:
        raise ArgumentError("min_dimensions", least, f"not above max_dimensions {most}")


def clean_check(value: object) -> None:
    if value is not None and not callable(value):
        raise ArgumentError(
            "check", value, "a function of the stream and the CheckedFile that raises, or None"
        )


def _texts(name: str, value: object, example: str) -> tuple[str, ...]:
    if not isinstance(value, tuple | list | set | frozenset) or not all(
        isinstance(one, str) for one in value
    ):
        raise ArgumentError(name, value, f"a tuple of str, such as {example}")
    return tuple(one.lower() for one in value)
