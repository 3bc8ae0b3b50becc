"""Pillow, or an error that says how to install it."""

from ..exceptions import MissingLibraryError

try:
    import PIL
    from PIL import (
        Image,
        ImageChops,
        ImageCms,
        ImageColor,
        ImageMath,
        ImageStat,
        UnidentifiedImageError,
        features,
    )
except ImportError as error:
    raise MissingLibraryError(
        "untrusted_files.pictures needs Pillow: pip install 'untrusted-files[images]'"
    ) from error

_OLDEST = (11, 3)  # the first whose wheels read and write AVIF

if tuple(int(part) for part in PIL.__version__.split(".")[:2]) < _OLDEST:
    raise MissingLibraryError(
        f"untrusted_files.pictures needs Pillow 11.3 or newer, found {PIL.__version__}: "
        "pip install -U 'untrusted-files[images]'"
    )

__all__ = [
    "Image",
    "ImageChops",
    "ImageCms",
    "ImageColor",
    "ImageMath",
    "ImageStat",
    "UnidentifiedImageError",
    "features",
]
