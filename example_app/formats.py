"""What counts as a picture: by its bytes, whatever its name or the browser say."""

from typing import IO

from PIL import Image

#: What is taken, by extension. No SVG: it can run script.
CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
}

# By Pillow's names.
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_EXTENSIONS = {
    "JPEG": ".jpg",
    "MPO": ".jpg",  # a JPEG with more pictures behind the first, as many phones write it
    "PNG": ".png",
    "GIF": ".gif",
    "WEBP": ".webp",
    "AVIF": ".avif",
}


class NotAPictureError(ValueError):
    """The file is not a whole picture of a type and size that we take; the message says why."""


def find_extension(file: IO[bytes], max_pixels: int) -> str:
    """Give the extension that belongs to the picture's real type, such as ``'.jpg'``.

    :param file: is read from its start.
    :param max_pixels: width by height, counted before anything is decoded.
    :raises NotAPictureError: it is no picture, a broken one, or too large.
    """
    file.seek(0)
    too_large = f"The picture has too many pixels: {max_pixels / 1e6:.0f} million is the limit."
    try:
        with Image.open(file, formats=_FORMATS) as image:
            pixels = image.width * image.height
            if pixels <= max_pixels:
                # Only decoding finds what is cut off or broken. JPEGs, the largest pictures of
                # all, are decoded at an eighth of their size, in a 64th of the memory.
                image.draft(None, (1, 1))
                image.load()
            extension = _EXTENSIONS[image.format or ""]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPictureError(too_large) from error
    except Exception as error:  # decoders raise all kinds of errors on hostile bytes
        raise NotAPictureError(
            "That file is not a picture, or a damaged one: choose a JPEG, PNG, GIF, WebP or AVIF."
        ) from error
    if pixels > max_pixels:
        raise NotAPictureError(too_large)
    return extension
