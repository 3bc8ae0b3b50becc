"""What templates get: URLs that know their size, srcset, placeholders."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Self

from ..naming._options import Size

#: What the URL of a placeholder has before the token by which a script waits for the thumbnail.
FRAGMENT = "#thumbnail="

_PREVIEW = 30  # pixels of a small picture's longer side, about


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

    def with_fragment(self, fragment: str) -> Self:
        """Return the same with a fragment, which begins with ``#``."""
        url = str.__new__(type(self), self + fragment)
        url.width, url.height, url.stands_in = self.width, self.height, self.stands_in
        return url


def svg_placeholder(size: Size) -> str:
    """Return an SVG image of that size: a plain gray area."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
        '<path fill="#8883" d="M0 0H99999V99999H0"/></svg>'
    )


@lru_cache(maxsize=256)
def svg_url(size: Size) -> ThumbnailUrl:
    """Return the URL that holds that image itself."""
    return ThumbnailUrl(_url_of(svg_placeholder(size)), size, stands_in=True)


@lru_cache(maxsize=256)
def blurred_url(size: Size, url: str, *, is_padded: bool) -> ThumbnailUrl:
    """Return the URL of an SVG image of that size that shows a small picture, enlarged and blurred.

    :param url: of the small picture, which holds it itself.
    :param is_padded: whether the whole of it is seen, and not the part that has the size's shape.
    """
    width, height = size
    kept = "meet" if is_padded else "slice"
    # A little larger than what is seen, as a blurred edge is half transparent.
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<filter id="b"><feGaussianBlur stdDeviation="{max(size) / _PREVIEW:.1f}"/></filter>'
        f'<image filter="url(#b)" x="-6%" y="-6%" width="112%" height="112%" '
        f'preserveAspectRatio="xMidYMid {kept}" href="{url}"/></svg>'
    )
    return ThumbnailUrl(_url_of(svg), size, stands_in=True)


def _url_of(svg: str) -> str:
    # No character is left that HTML escapes: a page may have 50.
    for character, code in (("%", "%25"), ("#", "%23"), ('"', "%22"), ("<", "%3C"), (">", "%3E")):
        svg = svg.replace(character, code)
    return f"data:image/svg+xml,{svg.replace(' ', '%20')}"


def join_srcset(candidates: Iterable[tuple[ThumbnailUrl, str]]) -> str:
    """Return the value of a ``srcset`` attribute, not escaped.

    A placeholder is left out, and so is an image that an earlier candidate has already: an original
    that is smaller than what is asked for gives the same for every larger size, and one that is SVG
    is the same in every size. A width that is known is set.

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
