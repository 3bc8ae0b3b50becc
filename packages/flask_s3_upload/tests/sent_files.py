"""Files as visitors send them."""

import io

from PIL import Image
from werkzeug.datastructures import FileStorage


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def posted(data: bytes, filename: str = "cat.png") -> FileStorage:
    """A file as ``request.files`` has it."""
    return FileStorage(io.BytesIO(data), filename)
