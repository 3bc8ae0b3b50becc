"""What a template asks for: a size and options in, a checked :class:`Spec` out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from PIL import ImageColor

from ..exceptions import OptionError

Color = str | tuple[int, int, int]

#: Width and height in pixels.
Size = tuple[int, int]

FORMATS = ("jpeg", "png", "webp", "avif")

#: Where the part of an image that a crop keeps has its middle, in percent from the left and top.
ANCHORS = {
    "fit": (50.0, 50.0),
    "center": (50.0, 50.0),
    "top": (50.0, 0.0),
    "bottom": (50.0, 100.0),
    "left": (0.0, 50.0),
    "right": (100.0, 50.0),
    "top-left": (0.0, 0.0),
    "top-right": (100.0, 0.0),
    "bottom-left": (0.0, 100.0),
    "bottom-right": (100.0, 100.0),
}

#: A crop whose place is found in the image.
SMART = "smart"

_LONGEST = 99999  # pixels
_SIZE = re.compile(r"([1-9]\d{0,4})?x([1-9]\d{0,4})?").fullmatch
_FOCUS = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)%, ?(\d{1,3}(?:\.\d{1,2})?)%").fullmatch
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})").fullmatch


@dataclass(frozen=True, slots=True)
class Spec:
    """All that decides the bytes of a thumbnail, but for the image.

    :param width: of the box, in pixels; ``None`` leaves it to the height.
    :param height: of the box, in pixels; ``None`` leaves it to the width.
    :param crop: a key of :data:`ANCHORS`, :data:`SMART`, or a focal point such as ``'30%,40%'``.
    :param bg: a color's name, or ``'#'`` and three or six hexadecimal digits.
    :param quality: 1 to 100; ``None`` for the format's own default.
    :param format: one of :data:`FORMATS`; ``None`` for that of the image.
    :param processors: names of what the app does to it, in their order.
    """

    width: int | None
    height: int | None
    crop: str | None = None
    bg: str | None = None
    quality: int | None = None
    upscale: bool = False
    format: str | None = None
    processors: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """As the filter takes it: ``'200x100'``, ``'200x'`` or ``'x100'``."""
        return f"{self.width or ''}x{self.height or ''}"

    @property
    def exact_size(self) -> Size | None:
        """The thumbnail's width and height in pixels, if they don't depend on the image."""
        if self.width and self.height and (self.crop or self.bg):
            return self.width, self.height
        return None

    @property
    def box(self) -> Size:
        """Width and height in pixels; a square where only one is given."""
        return self.width or self.height or 1, self.height or self.width or 1

    @property
    def focus(self) -> tuple[float, float]:
        """Where the middle of what a crop keeps should be, as fractions of width and height; of a
        smart one, where nothing is better.
        """
        crop = "fit" if self.crop in (None, SMART) else str(self.crop)
        x, y = ANCHORS.get(crop) or _percentages(crop)
        return x / 100, y / 100

    def scaled(self, factor: float) -> "Spec":
        """The same, so many times larger.

        :raises OptionError: it would have more than 99999 pixels, or none.
        """
        width, height = (side and round(side * factor) for side in (self.width, self.height))
        if not all(side is None or 1 <= side <= _LONGEST for side in (width, height)):
            raise OptionError(f"size {self.size!r}, {factor:g} times: not from 1 to 99999 pixels")
        return replace(self, width=width, height=height)


OPTIONS = tuple(field.name for field in fields(Spec) if field.name not in ("width", "height"))


def parse_spec(size: str, aliases: Mapping[str, Spec], options: Mapping[str, Any]) -> Spec:
    """Check what a template asks for.

    :param size: ``'200x100'``, ``'200x'``, ``'x100'``, or an alias.
    :param aliases: what aliases stand for; the options go over theirs.
    :param options: of the filter; those that are ``None`` don't count.
    :raises OptionError: an option is not known, or a value breaks its rule.
    """
    try:
        alias = aliases.get(size)
        names = options.get("processors")
        if isinstance(names, list):  # which has no hash
            options = {**options, "processors": tuple(names)}
        return _parse(size, alias, **options)
    except TypeError as error:  # a value cannot be hashed: none of the right ones
        raise OptionError(
            f"size {size!r} or one of its options is a list or dict: {dict(options)!r}"
        ) from error


def check_known(names: Iterable[str], more: Iterable[str] = (), *, advice: str = "") -> None:
    """Raise OptionError if one of some options is none.

    :param more: that are known besides those of a thumbnail.
    :param advice: what else to do, for the message.
    """
    known = (*OPTIONS, *more)
    for name in names:
        if name not in known:
            near = get_close_matches(str(name), known, 1, cutoff=0.7)
            hint = f", did you mean {near[0]!r}?" if near else f": {', '.join(known)} are"
            raise OptionError(f"option {name!r} is not known{hint}{advice}")


def parse_aliases(aliases: object) -> dict[str, Spec]:
    """Check ``THUMBNAIL_ALIASES``: by alias, a dict of the filter's arguments.

    :raises OptionError: an alias is no name, has no size, or an option breaks its rule.
    """
    if not isinstance(aliases, Mapping):
        raise OptionError(f"must be a dict such as {{'avatar': {{'size': '64x64'}}}}: {aliases!r}")
    specs = {}
    for alias, options in aliases.items():
        if not isinstance(alias, str) or not alias or _SIZE(alias):
            raise OptionError(f"{alias!r}: an alias is a name such as 'avatar', and not a size")
        if not isinstance(options, Mapping) or "size" not in options:
            raise OptionError(f"{alias!r} must be a dict with a 'size', got {options!r}")
        rest = {name: value for name, value in options.items() if name != "size"}
        specs[alias] = parse_spec(options["size"], {}, rest)
    return specs


@lru_cache(maxsize=1024, typed=True)  # quality=True is not quality=1
def _parse(size: object, alias: Spec | None, /, **options: Any) -> Spec:
    if alias:
        spec = alias
    elif isinstance(size, str) and size != "x" and (match := _SIZE(size)):
        width, height = (int(part) if part else None for part in match.groups())
        spec = Spec(width, height)
    else:
        raise OptionError(
            f"size {size!r}: must be '200x100', '200x' or 'x100' with numbers of pixels from 1 to "
            "99999, or a key of THUMBNAIL_ALIASES"
        )
    for name, value in options.items():
        check_known([name])
        if value is None:
            continue
        checked: Any = _CHECKS[name](value)
        spec = replace(spec, **{name: checked})
    if spec.crop:
        if not (spec.width and spec.height):
            raise OptionError(
                f"crop {spec.crop!r} needs width and height such as '200x200', got {spec.size!r}"
            )
        spec = replace(spec, upscale=False)  # a crop fills its size, whatever the image's
    return spec


def _check_crop(value: Any) -> str:
    if isinstance(value, str):
        if value in ANCHORS or value == SMART:
            return value
        if _FOCUS(value):
            x, y = _percentages(value)
            if max(x, y) <= 100:
                return f"{x:g}%,{y:g}%"
    raise OptionError(
        f"crop {value!r}: must be {', '.join(map(repr, (*ANCHORS, SMART)))}, or a focal point such "
        "as '30%,40%', in percent from the left and from the top"
    )


def _check_bg(value: Any) -> str:
    if isinstance(value, str):
        color = value.lower()
        if color in ImageColor.colormap or _HEX(color):
            return color
    if (
        isinstance(value, tuple)
        and len(value) == 3
        and all(type(part) is int and 0 <= part <= 255 for part in value)
    ):
        return "#{:02x}{:02x}{:02x}".format(*value)
    raise OptionError(
        f"bg {value!r}: must be a color's name such as 'white', '#' and three or six hexadecimal "
        "digits, or a tuple of red, green and blue from 0 to 255"
    )


def _check_quality(value: Any) -> int:
    if type(value) is int and 1 <= value <= 100:
        return value
    raise OptionError(f"quality {value!r}: must be a whole number from 1 to 100")


def _check_upscale(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise OptionError(f"upscale {value!r}: must be True or False")


def _check_format(value: Any) -> str:
    if value in FORMATS:
        return str(value)
    raise OptionError(
        f"format {value!r}: must be {', '.join(map(repr, FORMATS))}, or None for the image's own"
    )


def _check_processors(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple) and all(
        isinstance(name, str) and name.isascii() and name.isalnum() for name in value
    ):
        return value
    raise OptionError(
        f"processors {value!r}: must be a list of names such as ['gray'], which the app's "
        "Thumbnail(processors=...) has"
    )


_CHECKS = {
    "crop": _check_crop,
    "bg": _check_bg,
    "quality": _check_quality,
    "upscale": _check_upscale,
    "format": _check_format,
    "processors": _check_processors,
}


def _percentages(focus: str) -> tuple[float, float]:
    match = _FOCUS(focus)
    assert match  # noqa: S101 - checked when the spec was made
    return float(match[1]), float(match[2])
