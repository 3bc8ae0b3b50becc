"""Files as visitors send them."""

import io

from PIL import Image
from werkzeug.datastructures import FileStorage

PART = 5 * 1024 * 1024  # bytes, the least that S3 takes


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def big() -> bytes:
    """A picture in two parts."""
    return picture() + bytes(PART)


def posted(data: bytes, filename: str = "cat.png") -> FileStorage:
    """A file as ``request.files`` has it."""
    return FileStorage(io.BytesIO(data), filename)
