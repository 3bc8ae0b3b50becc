"""What templates get: URLs that know their size, srcset, picture, placeholders."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Self

from markupsafe import Markup, escape

from ._options import Size
from .exceptions import OptionError


class ThumbnailUrl(str):
    """The URL of a thumbnail, or of what stands in for it, with the width and height of what it
    shows, in pixels.

    They are ``None`` where nobody knows them yet: in the mode ``lazy``, or for a placeholder that
    is not the SVG, if the size depends on an image that has not been looked at. Of an original that
    is SVG they are what was asked for.

    :param stands_in: whether it is a placeholder's.
    """

    __slots__ = ("height", "stands_in", "width")

    width: int | None
    height: int | None
    stands_in: bool

    def __new__(
        cls,
        url: str,
        size: Size | tuple[int | None, int | None] | None = None,
        *,
        stands_in: bool = False,
    ) -> Self:
        self = super().__new__(cls, url)
        self.width, self.height = size or (None, None)
        self.stands_in = stands_in
        return self


def svg_placeholder(size: Size) -> str:
    """Return an SVG image of that size: a plain gray area."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
        '<path fill="#8883" d="M0 0h99999v99999H0z"/></svg>'
    )


@lru_cache(maxsize=256)
def svg_url(size: Size) -> ThumbnailUrl:
    """Return the URL that holds that image itself."""
    svg = svg_placeholder(size)
    for character, code in (("%", "%25"), ("#", "%23"), ('"', "'"), ("<", "%3C"), (">", "%3E")):
        svg = svg.replace(character, code)
    url = f"data:image/svg+xml,{svg.replace(' ', '%20')}"
    return ThumbnailUrl(url, size, stands_in=True)


def join_srcset(candidates: Iterable[tuple[ThumbnailUrl, str]]) -> str:
    """Return the value of a ``srcset`` attribute, not escaped.

    A placeholder is left out, and so is an image that an earlier candidate has already: an original
    that is smaller than what is asked for gives the same for every larger size, and one that is SVG
    is the same in every size. A width is told as it is, where it is known.

    :param candidates: URLs and descriptors, such as ``'2x'`` or ``'640w'``.
    """
    chosen: dict[object, str] = {}
    urls = set()
    for url, descriptor in candidates:
        if url.stands_in or str(url) in urls:
            continue
        urls.add(str(url))
        if url.width and descriptor.endswith("w"):
            descriptor = f"{url.width}w"
        size = (url.width, url.height) if url.width and url.height else descriptor
        chosen.setdefault(size, f"{url} {descriptor}")
    return ", ".join(chosen.values())


def render_picture(
    image: ThumbnailUrl,
    srcset: str,
    sources: Iterable[tuple[str, str]],
    attributes: Mapping[str, Any],
) -> Markup:
    """Render a ``<picture>``.

    :param image: for the ``<img>``, whose width and height are told if they are known.
    :param srcset: for the ``<img>``; empty for none.
    :param sources: content types and srcsets, best first; those without a srcset are left out.
    :param attributes: more of the ``<img>``'s.
    """
    given = {_attribute_name(name): value for name, value in attributes.items()}
    known = {
        "src": str(image),
        "srcset": srcset or None,
        "width": image.width,
        "height": image.height,
    }
    lines = [
        f"<source{_attributes({'type': type, 'srcset': source})}>"
        for type, source in sources
        if source
    ]
    img = f"<img{_attributes({**known, 'alt': '', **given})}>"
    return Markup(f"<picture>{''.join(lines)}{img}</picture>")  # noqa: S704 - escaped in parts


def _attributes(attributes: Mapping[str, Any]) -> str:
    parts = []
    for name, value in attributes.items():
        if value is True:
            parts.append(f" {name}")
        elif value is not None and value is not False:
            # Markup may hold quotes, which are safe in HTML but not here.
            text = value.unescape() if isinstance(value, Markup) else str(value)
            parts.append(f' {name}="{escape(text)}"')
    return "".join(parts)


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:.-]*").fullmatch


def _attribute_name(name: str) -> str:
    """Return the attribute that an argument means: ``class_`` is class, ``data_id`` data-id."""
    attribute = name.removesuffix("_").replace("_", "-")
    if not _NAME(attribute):
        raise OptionError(f"attribute {name!r}: must be letters, digits, '-', '.' and ':'")
    return attribute
