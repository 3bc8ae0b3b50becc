"""Names of uploads: how new files are called, and by which names a file might be run."""

import mimetypes
import os
import secrets
from collections.abc import Iterator
from typing import Any

from werkzeug.datastructures import FileStorage

from untrusted_files import clean_filename, is_active, is_active_name, runs_on_server

_IDS_TRIED = 3  # of 32 bits each


def namegen_filename(obj: Any, file_data: FileStorage) -> str:  # noqa: ARG001 - as Flask-Admin's
    """Return the name of an upload, made safe: :func:`untrusted_files.clean_filename`.

    Names in ASCII become what Flask-Admin makes of them; others keep their letters and marks, where
    Flask-Admin turns ``日本.txt`` into ``txt``. The extension stays as it is.

    :param obj: is not asked.
    :param file_data: the upload.
    """
    return clean_filename(file_data.filename)


def names_to_try(name: str) -> Iterator[str]:
    """Yield *name* and, if it is taken, some with a short id in them: ``cat-1f9a3c7e.jpg``."""
    yield name
    stem, extension = os.path.splitext(name)
    for _ in range(_IDS_TRIED):
        yield f"{stem}-{secrets.token_hex(4)}{extension}"


def unsafe_extensions(name: str) -> list[str]:
    """Return the extensions by which a web server might run a file of this name, or by which a
    browser that opens it might run script; none if the name is harmless.

    :param name: under which the file is stored.
    """
    extensions = name.rpartition("/")[2].lower().split(".")[1:]
    found = [one for one in extensions if runs_on_server(f"file.{one}")]
    if not found and runs_on_server(name):  # by the whole of it, as web.config
        found = extensions[-1:]
    if _is_active(name):
        active = (one for one in reversed(extensions) if _is_active(f"file.{one}"))
        found.append(next(active, extensions[-1] if extensions else ""))
    return list(dict.fromkeys(found))


def _is_active(name: str) -> bool:
    # The system's own table is what Flask's static route goes by.
    served_as, _ = mimetypes.guess_type(name)
    return is_active_name(name) or (served_as is not None and is_active(served_as))
