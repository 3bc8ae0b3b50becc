"""Small pictures, made by Pillow."""

import io
from typing import Any

from PIL import Image


def picture(
    format: str = "PNG", size: tuple[int, int] = (4, 3), color: Any = "red", **options: Any
) -> bytes:
    out = io.BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, color).save(out, format, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
