"""The HTML of a picture: attributes in, escaped elements out."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from ..exceptions import OptionError
from ._template import ThumbnailUrl

# What the element says by itself.
_MADE = ("src", "srcset", "sizes")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_:.-]*").fullmatch


class SourceElement(NamedTuple):
    """A ``<source>``.

    :param type: the content type.
    :param srcset: empty for none, and so no source.
    :param sizes: what goes with widths.
    :param media: the query that decides for it.
    :param like: of what size it is, where that is another than the ``<img>``'s.
    """

    type: str
    srcset: str
    sizes: str | None = None
    media: str | None = None
    like: ThumbnailUrl | None = None


def check_attributes(attributes: object) -> dict[str, Any]:
    """Return the attributes that somebody adds to an ``<img>``.

    :raises OptionError: they are no dict, one's name cannot be one, or the element has it already.
    """
    if attributes is None:
        return {}
    if not isinstance(attributes, Mapping):
        raise OptionError(f"attrs {attributes!r}: must be a dict such as {{'alt': 'A cat'}}")
    for name in attributes:
        if not isinstance(name, str) or not _NAME(name):
            raise OptionError(
                f"attribute {name!r}: must be a name as HTML has it, such as 'class' or 'data-id'"
            )
        if name.lower() in _MADE:
            raise OptionError(f"attribute {name!r}: is made here, of image, size, widths and sizes")
    return dict(attributes)


def render_picture(
    image: ThumbnailUrl,
    srcset: str,
    sources: Iterable[SourceElement],
    attributes: Mapping[str, Any],
    sizes: str | None = None,
) -> Markup:
    """Render a ``<picture>``.

    :param image: for the ``<img>``, whose width and height are set if they are known.
    :param srcset: for the ``<img>``; empty for none.
    :param sources: the best first; those without a srcset are left out.
    :param attributes: more of the ``<img>``'s, as :func:`check_attributes` returns them.
    """
    known = {
        "src": str(image),
        "srcset": srcset or None,
        "sizes": sizes if srcset else None,
        "width": image.width,
        "height": image.height,
    }
    elements = [
        _element(
            "source",
            {
                "media": one.media,
                "type": one.type,
                "srcset": one.srcset,
                "sizes": one.sizes,
                "width": one.like and one.like.width,
                "height": one.like and one.like.height,
            },
        )
        for one in sources
        if one.srcset
    ]
    img = _element("img", {**known, "alt": "", **attributes})
    return Markup(f"<picture>{''.join(elements)}{img}</picture>")  # noqa: S704 - escaped in parts


def _element(tag: str, attributes: Mapping[str, Any]) -> str:
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        if value is True:
            parts.append(f" {name}")
        elif value is not None and value is not False:
            # Markup may hold quotes, which are safe in HTML but not here.
            text = value.unescape() if isinstance(value, Markup) else str(value)
            parts.append(f' {name}="{escape(text)}"')
    return f"{''.join(parts)}>"
