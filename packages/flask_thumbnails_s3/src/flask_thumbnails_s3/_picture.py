"""A whole ``<picture>``: formats, sizes, and other crops for other screens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ._state import State
from .exceptions import OptionError
from .making._wanted import Wanted
from .naming._arguments import check_formats
from .naming._names import output_format
from .naming._options import check_known
from .naming._source import Source
from .templates._markup import SourceElement, check_attributes, render_picture
from .templates._template import join_srcset

# Of a variant, besides the options of a thumbnail.
_OF_VARIANT = ("size", "densities", "widths", "sizes")
_OF_PICTURE = ("formats", *_OF_VARIANT, "media", "attrs", "storage_type", "bucket_name")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One crop of the image, in several formats and scales.

    :param own: the format of the ``<img>``.
    :param base: at density 1, in that format.
    :param scaled: what its srcsets offer, by format and descriptor.
    """

    media: str | None
    sizes: str | None
    own: str
    base: Wanted
    scaled: Mapping[str, Mapping[str, Wanted]]

    @property
    def wanted(self) -> list[Wanted]:
        return [self.base, *(one for some in self.scaled.values() for one in some.values())]


def make_picture(
    state: State,
    source: Source,
    size: str,
    *,
    formats: Sequence[str],
    media: Mapping[str, str | Mapping[str, Any]] | None,
    attrs: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> Markup:
    """Return the element; the parameters are those of :meth:`Thumbnail.picture`.

    :raises OptionError: one of them breaks its rule.
    """
    check_known(options, _OF_PICTURE, advice="; attributes of the <img> go into attrs={...}")
    attributes, formats = check_attributes(attrs), check_formats(formats)
    main = _variant(state, source, formats, None, {**options, "size": size})
    others = [
        _variant(state, source, formats, query, _inherit(options, query, one))
        for query, one in _check_media(media).items()
    ]
    urls = state.of(source).urls([one for some in (main, *others) for one in some.wanted])

    def elements(variant: Variant) -> dict[str, SourceElement]:
        is_other = variant is not main
        return {
            format: SourceElement(
                f"image/{format}",
                join_srcset((urls[one], descriptor) for descriptor, one in candidates.items()),
                variant.sizes,
                variant.media,
                urls[variant.base] if is_other else None,
            )
            for format, candidates in variant.scaled.items()
        }

    of_main = elements(main)
    img = of_main.pop(main.own)
    sources = [element for other in others for element in elements(other).values()]
    if not main.base.to_make:  # an SVG's URL is of no other format, and its shape stays
        sources, of_main = [], {}
    sources += of_main.values()
    return render_picture(urls[main.base], img.srcset, sources, attributes, main.sizes)


def _variant(
    state: State,
    source: Source,
    formats: Sequence[str],
    media: str | None,
    options: Mapping[str, Any],
) -> Variant:
    rest = {name: value for name, value in options.items() if name not in _OF_VARIANT}
    scale = {name: options.get(name) for name in ("densities", "widths")}
    format = rest.pop("format", None)

    def want(format: str | None) -> Wanted:
        return state.want(source, options["size"], format=format, **rest)

    base = want(format)
    own = output_format(base.image, base.spec)
    wants = state.of(source).wants
    scaled = {
        name: wants.scaled(base if name == own else want(name), **scale) for name in (*formats, own)
    }
    return Variant(media=media, sizes=_check_sizes(options), own=own, base=base, scaled=scaled)


def _inherit(options: Mapping[str, Any], query: str, one: object) -> dict[str, Any]:
    """Return the options of a variant: its own go over those of the picture."""
    own = {"size": one} if isinstance(one, str) else one
    if not isinstance(own, Mapping) or "size" not in own:
        raise OptionError(
            f"media {query!r}: must have a size such as '400x400', or a dict with one and options "
            f"of its own, got {one!r}"
        )
    check_known(own, _OF_VARIANT, advice="")
    scales = () if own.keys() & {"densities", "widths"} else ("densities", "widths")
    inherited = {
        name: value
        for name, value in options.items()
        if name not in ("densities", "widths") or name in scales
    }
    return {**inherited, **own}


def _check_media(media: object) -> Mapping[str, object]:
    if media is None:
        return {}
    if not isinstance(media, Mapping) or not all(isinstance(key, str) for key in media):
        raise OptionError(
            f"media {media!r}: must be a dict of sizes or options by query, such as "
            "{'(max-width: 600px)': {'size': '400x400', 'crop': 'fit'}}"
        )
    return media


def _check_sizes(options: Mapping[str, Any]) -> str | None:
    """Return the ``sizes`` attribute, which goes with widths, and which these cannot do without."""
    sizes, widths = options.get("sizes"), options.get("widths")
    if sizes is None:
        return "100vw" if widths is not None else None
    if not isinstance(sizes, str) or not sizes:
        raise OptionError(f"sizes {sizes!r}: must be a text such as '50vw'")
    if widths is None:
        raise OptionError(f"sizes {sizes!r}: needs widths, such as widths=(400, 800, 1200)")
    return sizes
