"""From an image and a spec to the thumbnail's name, and back."""

import re
from functools import lru_cache

from PIL import ImageColor

from untrusted_files.pictures import DEFAULT_QUALITY

from ..exceptions import OptionError
from ._options import ANCHORS, SMART, Spec, parse_spec

_FORMAT_OF_EXTENSION = {
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "png": "png",
    "gif": "gif",
    "webp": "webp",
    "avif": "avif",
}
_EXTENSION_OF_FORMAT = {"jpeg": "jpg", "png": "png", "webp": "webp", "avif": "avif"}

# WebP holds whatever another file may: transparency, movement, photographs.
_FALLBACK_FORMAT = "webp"

# What stands in the names of PNG and GIF, which know no quality; as in flask-thumbnails-s3 0.1.5.
_NO_QUALITY = 85

_LONGEST_EXTENSION = 10  # characters; what is longer is a part of the name

_CROPS = (*ANCHORS, SMART)  # which names have as they are

_NAME = re.compile(
    r"(?P<stem>.*)"
    r"_(?P<size>\d*x\d*)"
    rf"(?:_(?P<crop>{'|'.join(map(re.escape, _CROPS))}|at[\d.]+-[\d.]+))?"
    rf"(?:_(?P<bg>{'|'.join(ImageColor.colormap)}|\#[0-9a-f]+))?"
    r"(?P<upscale>_upscale)?"
    r"(?:_by(?P<processors>(?:-[a-z0-9]+)+))?"
    r"_(?P<quality>\d+)"
    r"(?:_(?P<source>[A-Za-z0-9]*))?"
    r"\.(?P<extension>[A-Za-z0-9]+)",
    re.DOTALL,
)


def output_format(image: str, spec: Spec) -> str:
    """Return the format of a thumbnail, one of :data:`FORMATS` or ``'gif'``."""
    return spec.format or own_format(image)


def own_format(image: str) -> str:
    """Return the format of an image, as its name says: a thumbnail must have a name before the
    image is read.
    """
    return _format_of(_split(image)[1])


def thumbnail_name(image: str, spec: Spec) -> str:
    """Return the name of an image's thumbnail: stem, every option that counts, extension.

    ``photos/cat.jpg`` becomes ``photos/cat_200x200_fit_85.jpg``, as in flask-thumbnails-s3 0.1.5,
    and as WebP ``photos/cat_200x200_fit_80_jpg.webp``: where the format is not the image's own, the
    image's extension is in the name too, so that ``cat.jpg`` and ``cat.png`` don't share a
    thumbnail and the image's name can be read from the thumbnail's. A quality that is not asked
    for is in the name as well, the default of the format: 85, WebP 80, AVIF 70.
    """
    stem, extension = _split(image)
    own = _FORMAT_OF_EXTENSION.get(extension.lower())
    format = spec.format or own or _FALLBACK_FORMAT
    options = _options_in_name(spec, format)
    if own == format:
        return f"{stem}_{options}.{extension}"
    return f"{stem}_{options}_{extension}.{_EXTENSION_OF_FORMAT[format]}"


@lru_cache(maxsize=1024)
def _options_in_name(spec: Spec, format: str) -> str:
    """Return the part of a name that has the options."""
    parts = [spec.size]
    if spec.crop:
        at = spec.crop.replace("%", "").replace(",", "-")
        parts.append(spec.crop if spec.crop in _CROPS else f"at{at}")
    if spec.bg:
        parts.append(spec.bg)
    if spec.upscale:
        parts.append("upscale")
    if spec.processors:
        parts.append("-".join(["by", *spec.processors]))
    parts.append(str(spec.quality or DEFAULT_QUALITY.get(format, _NO_QUALITY)))
    return "_".join(parts)


def parse_thumbnail_name(name: str) -> tuple[str, Spec] | None:
    """Return the image and the spec that :func:`thumbnail_name` makes exactly this name of.

    :return: ``None`` if there are none: the name is not a thumbnail's.
    """
    match = _NAME.fullmatch(name)
    if not match:
        return None
    source, extension, crop = match["source"], match["extension"], match["crop"]
    if source is None:
        image = f"{match['stem']}.{extension}"
    else:
        image = f"{match['stem']}.{source}" if source else match["stem"]
    if crop and crop not in _CROPS:
        crop = crop.removeprefix("at").replace("-", "%,") + "%"
    options = {
        "crop": crop,
        "bg": match["bg"],
        "upscale": match["upscale"] and True,
        "quality": int(match["quality"]),
        "processors": tuple((match["processors"] or "").split("-")[1:]) or None,
        "format": None if source is None else _FORMAT_OF_EXTENSION.get(extension),
    }
    try:
        spec = parse_spec(match["size"], {}, options)
    except OptionError:
        return None
    return (image, spec) if image and thumbnail_name(image, spec) == name else None


def stem_of(image: str) -> str:
    """Return what all names of an image's thumbnails begin with."""
    return f"{_split(image)[0]}_"


# 64 random bits, as a column of sqlalchemy_s3_files or flask_s3_upload makes names. Only digits may
# be a date or somebody's number, and what is longer a UUID or a user's hash: such names stay when
# the picture changes.
_is_id = re.compile(r"(?=.*[a-f])[0-9a-f]{16}").fullmatch


def is_named_by_id(image: str) -> bool:
    """Report whether an image's whole name is an id that a column has made, so that no other image
    will ever have it.
    """
    return _is_id(_split(image.rpartition("/")[2])[0]) is not None


def is_svg(image: str) -> bool:
    """Report whether an image is SVG, as its name says."""
    return image[-4:].lower() == ".svg"  # a page asks it of each new image


def _split(image: str) -> tuple[str, str]:
    stem, _, extension = image.rpartition(".")
    is_one = extension.isascii() and extension.isalnum() and len(extension) <= _LONGEST_EXTENSION
    return (stem, extension) if is_one and stem and stem[-1] != "/" else (image, "")


def _format_of(extension: str) -> str:
    return _FORMAT_OF_EXTENSION.get(extension.lower(), _FALLBACK_FORMAT)
