"""Conversion of Pillow's modes into ones that can be scaled, and then into sRGB."""

from functools import lru_cache
from io import BytesIO

from ._pillow import Image, ImageChops, ImageCms, ImageMath
from ._structure import Structure

_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
_HIGH_BYTES = [value >> 8 for value in range(65536)]
# The data color space: bytes 16 to 19 of a profile's header, ICC.1:2022 section 7.2.
_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK", "LAB": b"Lab "}
_SAME = 2  # steps of 255 that are invisible


def to_plain_mode(image: Image.Image, structure: Structure) -> Image.Image:
    """Return a picture in one of the modes L, LA, RGB, RGBA, CMYK and LAB."""
    mode = image.mode
    if mode in _SIXTEEN_BITS:
        return _from_sixteen_bits(image, structure.transparent)
    if mode in ("I", "F"):
        return _scale(image, *_range(image))
    if structure.transparent:
        return _with_transparency(image, structure.transparent, structure.depth)
    if mode in ("La", "RGBa"):
        return image.convert(mode.upper())
    if mode in ("LA", "RGBA"):
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    if mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    return image.convert("L" if mode == "1" else "RGB")


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture of a plain mode in sRGB or gray: mode L, LA, RGB or RGBA.

    Without a profile that can be used, colors are taken for sRGB; CMYK is converted by Pillow's
    formula, as browsers do, which is brighter than a press would print it.
    """
    mode, alpha = image.mode, None
    if mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
    colors = image.convert(mode[:-1]) if alpha else image
    transform = _transform(profile or b"", colors.mode)
    if transform:
        colors = ImageCms.applyTransform(colors, transform) or colors
        if mode in ("L", "LA"):
            colors = colors.getchannel("G")
    elif colors.mode == "CMYK":
        colors = colors.convert("RGB")
    elif alpha:
        return image
    if alpha:
        colors.putalpha(alpha)
    return colors


def flatten(image: Image.Image, color: tuple[int, ...]) -> Image.Image:
    """Lay a transparent picture on a color; any other stays as it is."""
    if image.mode not in ("LA", "RGBA"):
        return image
    canvas = new_canvas(image.mode, image.size, color)
    canvas.paste(image.convert(canvas.mode), mask=image.getchannel("A"))
    return canvas


def new_canvas(mode: str, size: tuple[int, int], color: tuple[int, ...]) -> Image.Image:
    """Return a picture of one color: gray if *mode* and the color are."""
    if mode in ("L", "LA") and len(set(color)) == 1:
        return Image.new("L", size, color[0])
    return Image.new("RGB", size, color)


def drop_opaque(image: Image.Image) -> Image.Image:
    """Return a picture without its alpha, if nothing of it is transparent."""
    if image.mode in ("LA", "RGBA") and image.getchannel("A").getextrema() == (255, 255):
        return image.convert(image.mode[:-1])
    return image


def _from_sixteen_bits(image: Image.Image, transparent: tuple[int, ...] | None) -> Image.Image:
    wide = image.convert("I")
    gray = wide.point(_HIGH_BYTES, "L")
    if transparent:
        gray.putalpha(_alpha_where(wide, transparent[0]))
    return gray


def _with_transparency(image: Image.Image, samples: tuple[int, ...], depth: int) -> Image.Image:
    """Make the pixels of one color transparent. Pillow compares samples of 1, 2 and 4 bits after it
    has made them 8 bits wide, and keeps 8 of 16.
    """
    most = (1 << depth) - 1
    wanted = [value >> 8 if depth == 16 else value * 255 // most for value in samples]
    bands = (image.convert("L") if len(wanted) == 1 else image.convert("RGB")).split()
    alpha = _alpha_where(bands[0], wanted[0])
    for band, value in zip(bands[1:], wanted[1:], strict=True):
        alpha = ImageChops.lighter(alpha, _alpha_where(band, value))
    plain = bands[0] if len(bands) == 1 else Image.merge("RGB", bands)
    plain.putalpha(alpha)
    return plain


def _alpha_where(band: Image.Image, value: int) -> Image.Image:
    """Return an alpha that is 0 where a band has a value, and 255 elsewhere."""
    if band.mode == "L":
        return band.point([0 if step == value else 255 for step in range(256)])
    found: Image.Image = ImageMath.lambda_eval(lambda args: (args["a"] != value) * 255, a=band)
    return found.convert("L")


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what converts from a profile; ``None`` if it cannot be used, or changes nothing."""
    if mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    elif not profile or profile[16:20] != _SPACES[mode]:
        return None
    try:
        if mode != "LAB":
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            flags=ImageCms.Flags.NOCACHE,  # its cache of one pixel is not for several threads
        )
        return None if mode in ("L", "RGB") and _is_same(transform, mode) else transform
    except Exception:  # noqa: BLE001 - a broken profile: as if there were none
        return None


def _is_same(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Report whether colors stay as they are, as with the profile of sRGB itself."""
    probe = Image.linear_gradient("L")
    if mode == "RGB":
        across = probe.transpose(Image.Transpose.ROTATE_90)
        probe = Image.merge("RGB", (probe, across, ImageChops.difference(probe, across)))
    converted = ImageCms.applyTransform(probe, transform)
    assert converted  # noqa: S101 - only None when the image is converted in place
    difference = ImageChops.difference(converted, probe.convert("RGB"))
    return all(high <= _SAME for _, high in difference.convert("RGB").getextrema())  # type: ignore[misc]


def _range(image: Image.Image) -> tuple[float, float]:
    """Guess the values of black and white, where the mode does not define them."""
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
