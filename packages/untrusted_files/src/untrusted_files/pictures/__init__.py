"""Pictures from strangers: opened with limits, measured, turned upright, resized and encoded.

It needs Pillow: ``pip install 'untrusted-files[images]'``.
"""

from ..exceptions import BrokenPictureError, PictureError, PictureTooLargeError
from ._calls import check_picture, fit, read_info, render
from ._encode import DEFAULT_QUALITY, OUTPUTS, Rendered, own_format
from ._formats import FORMATS
from ._geometry import Resize
from ._limits import Limits
from ._picture import Picture, PictureInfo, open_picture

__all__ = [
    "DEFAULT_QUALITY",
    "FORMATS",
    "OUTPUTS",
    "BrokenPictureError",
    "Limits",
    "Picture",
    "PictureError",
    "PictureInfo",
    "PictureTooLargeError",
    "Rendered",
    "Resize",
    "check_picture",
    "fit",
    "open_picture",
    "own_format",
    "read_info",
    "render",
]
