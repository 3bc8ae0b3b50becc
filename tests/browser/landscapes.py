"""Pictures to upload: landscapes, each of other colours and other bytes."""

import math
import os
from pathlib import Path

from PIL import Image, ImageDraw

_SIZE = (1200, 900)  # pixels
_SKIES = {
    "morning": ((255, 196, 140), (120, 170, 220), (70, 90, 110)),
    "noon": ((200, 230, 250), (60, 130, 210), (60, 120, 70)),
    "evening": ((250, 140, 90), (90, 50, 120), (50, 35, 60)),
}


def paint(folder: Path) -> list[Path]:
    """Paint three pictures into a folder, as JPEGs."""
    return [_paint(folder / f"{name}.jpg", *colours) for name, colours in _SKIES.items()]


def _paint(path: Path, low: tuple[int, ...], high: tuple[int, ...], hill: tuple[int, ...]) -> Path:
    width, height = _SIZE
    image = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(height):
        part = y / height
        colour = tuple(round(a * part + b * (1 - part)) for a, b in zip(low, high, strict=True))
        draw.line([(0, y), (width, y)], fill=colour)
    draw.ellipse([(820, 180), (960, 320)], fill=(255, 244, 214))
    for depth in range(3):
        shade = tuple(round(c * (1.25 - 0.25 * depth)) for c in hill)
        top = [
            (x, height * (0.6 + 0.12 * depth) + 60 * math.sin(x / (130 + 40 * depth) + 2 * depth))
            for x in range(0, width + 1, 5)
        ]
        draw.polygon([*top, (width, height), (0, height)], fill=shade)
    # A comment that no other picture has: each file has other bytes.
    image.save(path, quality=85, comment=os.urandom(16).hex())
    return path
