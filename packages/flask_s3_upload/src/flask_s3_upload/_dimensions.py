"""The width and height of a picture, from its header."""

from typing import IO


def read_dimensions(file: IO[bytes]) -> tuple[int, int] | None:
    """Give width and height in pixels; ``None`` if the file is no picture that can be read.

    Nothing is decoded, so a picture of any number of pixels costs the same. The stream is left at
    its start.
    """
    from PIL import Image, UnidentifiedImageError

    file.seek(0)
    try:
        # A file that claims more pixels than Pillow would decode is refused by it, at once.
        with Image.open(file) as image:
            return image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    finally:
        file.seek(0)
