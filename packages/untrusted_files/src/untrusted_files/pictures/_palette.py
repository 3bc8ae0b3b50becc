"""Pictures of few colors, which take fewer bytes with a palette."""

from ._pillow import Image, ImageChops, ImageStat

_COLORS = 256

#: Root of the mean square by which samples may differ, in steps of 255, without being seen.
UNSEEN = 2.0


def with_palette(image: Image.Image, *, loss: float) -> Image.Image:
    """Return a picture with a palette if that can hold its colors, and else as it is.

    :param loss: the root of the mean square by which samples may differ; 0 for none.
    """
    if image.mode not in ("RGB", "RGBA"):
        return image
    if not loss and image.getcolors(_COLORS) is None:
        return image
    opaque = image.mode == "RGB"
    method = Image.Quantize.MEDIANCUT if opaque else Image.Quantize.FASTOCTREE
    reduced = image.quantize(_COLORS, method, dither=Image.Dither.NONE)
    difference = ImageStat.Stat(ImageChops.difference(image, reduced.convert(image.mode)))
    return reduced if max(difference.rms) <= loss else image
