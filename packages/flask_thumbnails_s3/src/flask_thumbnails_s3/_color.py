"""Any of Pillow's modes into one that every output format takes, with the right colors."""

import struct
from io import BytesIO

from PIL import Image, ImageCms

_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")


def to_web_mode(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """Give the image in mode L, RGB or RGBA, and the ICC profile that its colors are meant in.

    A profile is kept if it describes the mode that comes out. Colors of CMYK are converted by
    theirs to sRGB, since what shows web pages does not know it.
    """
    profile = image.info.get("icc_profile") or None
    converted = _convert(image, profile)
    space = b"GRAY" if converted.mode == "L" else b"RGB "
    # The data color space: bytes 16 to 19 of the header, ICC.1:2022 section 7.2.
    return converted, profile if profile and profile[16:20] == space else None


def flatten(image: Image.Image, color: str) -> Image.Image:
    """Lay a transparent image on a color; any other stays as it is."""
    if image.mode != "RGBA":
        return image
    canvas = Image.new("RGB", image.size, color)
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _convert(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = image.mode
    if mode in _SIXTEEN_BITS:
        return _scale(image.convert("I"), 0, 65535)
    if mode in ("I", "F"):
        return _scale(image, *_range(image))
    if mode == "CMYK":
        return _from_cmyk(image, profile)
    if mode == "LAB":
        return _to_srgb(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if image.has_transparency_data:
        image = image.convert("LA") if mode == "La" else image
        return image if mode == "RGBA" else image.convert("RGBA")
    if mode in ("1", "L"):
        return image.convert("L") if mode == "1" else image
    return image if mode == "RGB" else image.convert("RGB")


def _from_cmyk(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and profile[16:20] == b"CMYK":
        try:
            return _to_srgb(image, ImageCms.ImageCmsProfile(BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError, struct.error):
            pass  # a broken profile: as if there were none
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted  # noqa: S101 - only None when the image is converted in place
    return converted


def _range(image: Image.Image) -> tuple[float, float]:
    """Guess what is black and what is white, where the mode does not say it."""
    low, high = image.getextrema()
    assert isinstance(low, int | float)  # noqa: S101 - one band
    assert isinstance(high, int | float)  # noqa: S101
    usual = (1, 255, 65535) if image.mode == "F" else (255, 65535)
    if low >= 0:
        for white in usual:
            if high <= white:
                return 0, white
    return low, high


def _scale(image: Image.Image, black: float, white: float) -> Image.Image:
    factor = 255 / ((white - black) or 1)
    # Only a line through F is exact in all modes; L then cuts off below 0 and above 255.
    return image.convert("F").point(lambda value: value * factor - black * factor).convert("L")
