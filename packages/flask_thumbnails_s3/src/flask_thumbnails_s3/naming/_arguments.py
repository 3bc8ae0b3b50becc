"""What templates and code pass besides a size and its options: an image, and lists of several."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ..exceptions import OptionError
from ._options import FORMATS


def check_image(image: object) -> str:
    """Return the name of an image as a plain ``str``; ``''`` for what is false, such as ``None``.

    :raises OptionError: it is something else, such as the file itself.
    """
    if not image:
        return ""
    if not isinstance(image, str):
        raise OptionError(
            f"image {image!r}: must be its name below MEDIA_FOLDER, a str, or its StoredFile"
        )
    return str.__str__(image)  # of Markup, too, which has other methods


def split_specs(specs: object) -> list[tuple[str, dict[str, Any]]]:
    """Return the size and the options of each of some specs.

    :param specs: sizes, aliases, or dicts of the filter's arguments.
    :raises OptionError: they are none, or only one.
    """
    if not isinstance(specs, Iterable) or isinstance(specs, str | Mapping):
        raise OptionError(f"specs {specs!r}: must be a list such as ['200x100', 'avatar']")
    return [_split_spec(spec) for spec in specs]


def _split_spec(spec: object) -> tuple[str, dict[str, Any]]:
    if isinstance(spec, str):
        return spec, {}
    if not isinstance(spec, Mapping) or "size" not in spec:
        raise OptionError(
            f"spec {spec!r}: must be a size or an alias, or a dict, which must have a 'size'"
        )
    options = dict(spec)
    return options.pop("size"), options


def check_numbers(name: str, numbers: object) -> list[float]:
    """Return what a srcset is asked for: densities, or widths, which are whole.

    :raises OptionError: it is no list of positive numbers.
    """
    kinds = (int,) if name == "widths" else (int, float)
    found: list[Any] = list(numbers) if isinstance(numbers, Iterable) else [None]
    if not all(type(number) in kinds and 0 < number < math.inf for number in found):
        rule = "whole pixels, such as (320, 640)" if name == "widths" else "numbers, such as (1, 2)"
        raise OptionError(f"{name} {numbers!r}: must be a list of {rule}")
    return found


def check_formats(formats: object) -> list[str]:
    """Return the formats that a picture offers.

    :raises OptionError: it is no list of them, such as only one.
    """
    found: list[Any] = list(formats) if isinstance(formats, Iterable) else [None]
    if isinstance(formats, str) or not all(name in FORMATS for name in found):
        raise OptionError(
            f"formats {formats!r}: must be a list such as ('avif', 'webp'), of "
            f"{', '.join(map(repr, FORMATS))}"
        )
    return found
