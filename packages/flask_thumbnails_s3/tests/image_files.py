"""What the fixtures for images are."""

from collections.abc import Callable

from PIL import Image

#: Makes an image's file: its size, its format, and what Pillow's ``save`` takes.
ImageFile = Callable[..., bytes]

#: Opens and loads an image's file.
OpenImage = Callable[[bytes], Image.Image]
