"""Decoding of bytes to pixels by Pillow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ..exceptions import MissingLibraryError, RejectedError
from ._formats import prepare
from ._geometry import Layout, reduction
from ._limits import Limits
from ._pillow import Image, UnidentifiedImageError
from ._refusals import broken, check_pixels, too_large
from ._source import Source
from ._structure import Structure

# How many times larger than the result a JPEG stays when its decoder reduces it. For a large result
# less is enough for the same quality, and takes a fifth less time: benchmarks/README.md.
_GAP, _GAP_OF_LARGE = 2.0, 1.75
_LARGE = 400  # pixels of the longer side

_LONGEST_FRAME = 65_535  # milliseconds: what all formats can say
_PILLOWS = "PIL.Image.MAX_IMAGE_PIXELS"
_SCALES = (1, 2, 4, 8)  # of JPEG
_WEIGHTS = {"JPEG2000": 2}  # takes twice the memory of the others, 20 to 30 bytes a pixel


@contextmanager
def translated(source: Source) -> Iterator[None]:
    """Turn whatever a decoder raises into one of this package's errors.

    An error of the stream itself, such as of a storage that cannot be reached, is raised unchanged.
    """
    try:
        yield
    except (RejectedError, MissingLibraryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Only for formats that Pillow alone can measure.
        raise too_large(_PILLOWS, None, Image.MAX_IMAGE_PIXELS or 0, str(error)) from error
    except UnidentifiedImageError as error:
        raise broken("the decoder does not know it") from error
    except Exception as error:
        if source.failure:
            raise source.failure from None
        raise broken(f"Pillow reports: {str(error) or type(error).__name__}") from error


def open_pillow(format: str, file: IO[bytes]) -> Image.Image:
    """Let Pillow read the header of a file, as one format and no other."""
    prepare(format)
    return Image.open(file, formats=[format])


def check_size(structure: Structure, limits: Limits) -> None:
    """
    :raises PictureTooLargeError: the picture has more pixels than may be decoded.
    """
    weight = _WEIGHTS.get(structure.format, 1)
    decoded = limits.max_decoded_pixels // weight
    if structure.format == "JPEG" or limits.max_pixels <= decoded:
        check_pixels(structure.size, limits.max_pixels, limit="max_pixels")
    else:
        what = f"{structure.format}, whose pixels count {weight} times, of " if weight > 1 else ""
        check_pixels(structure.size, decoded, limit="max_decoded_pixels", what=what)


def jpeg_scale(structure: Structure, layout: Layout | None, limits: Limits) -> int:
    """Return the factor by which a JPEG is reduced while it is decoded: 1, 2, 4 or 8.

    :param layout: of the result; ``None`` if the picture is only checked.
    """
    if structure.format != "JPEG":
        return 1
    scale = max(_SCALES)
    if layout:
        gap = _GAP if max(layout.size) <= _LARGE else _GAP_OF_LARGE
        scale = reduction(layout, gap)
    width, height = structure.size
    while scale < max(_SCALES) and width * height > scale**2 * limits.max_decoded_pixels:
        scale *= 2
    return scale


def decode(source: Source, structure: Structure, scale: int) -> Image.Image:
    """Decode a still, or the first frame of an animation, not turned upright yet."""
    image = open_pillow(structure.format, source.spliced(structure.pixels()))
    _check_header(image, structure)
    if scale > 1:
        width, height = image.size
        image.draft(None, (max(1, width // scale), max(1, height // scale)))
    image.load()
    return image.crop(structure.crop) if structure.crop else image


def frames(source: Source, structure: Structure) -> Iterator[tuple[Image.Image, int]]:
    """Decode an animation: each frame, and its time in milliseconds.

    The frame is valid until the next one is decoded.
    """
    assert structure.animation  # noqa: S101 - asked for animations only
    image = open_pillow(structure.format, source.spliced(structure.animation()))
    _check_header(image, structure)
    for number in range(structure.frames):
        image.seek(structure.first_frame + number)
        image.load()
        frame = image.crop(structure.crop) if structure.crop else image
        yield frame, max(0, min(round(image.info.get("duration", 100)), _LONGEST_FRAME))


def read_profile(structure: Structure, image: Image.Image) -> bytes | None:
    """Return the ICC profile of a picture, or one that is made of what it says in other words."""
    if structure.profile:
        return structure.profile()
    profile: bytes | None = image.info.get("icc_profile")
    return profile or (structure.colors() if structure.colors else None)


def _check_header(image: Image.Image, structure: Structure) -> None:
    if image.size != structure.size:
        raise broken(f"two sizes: {structure.size} and {image.size}")
