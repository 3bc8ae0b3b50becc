"""Pillow's own limit, ``PIL.Image.MAX_IMAGE_PIXELS``, where those of this package are higher."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from ._pillow import Image
from ._structure import Size

_lock = Lock()
_decoded: list[int] = []  # pixels of the pictures for which the limit is raised
_before: list[int | None] = []  # what it was, while it is raised


@contextmanager
def allowed_by_pillow(size: Size) -> Iterator[None]:
    """Let Pillow decode a picture of a size that has been checked here.

    Its limit is one for all of a process, and warns, or refuses, once more. While such pictures are
    decoded it is as high as the largest of them needs, and afterwards what it was.
    """
    pixels = size[0] * size[1]
    with _lock:
        limit = _before[0] if _before else Image.MAX_IMAGE_PIXELS
        is_raised = limit is not None and pixels > limit
        if is_raised:
            if not _before:
                _before.append(limit)
            _decoded.append(pixels)
            Image.MAX_IMAGE_PIXELS = max(_decoded)
    try:
        yield
    finally:
        if is_raised:
            with _lock:
                _decoded.remove(pixels)
                Image.MAX_IMAGE_PIXELS = max(_decoded) if _decoded else _before.pop()
