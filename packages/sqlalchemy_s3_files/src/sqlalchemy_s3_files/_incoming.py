"""What is assigned, as a stored file or a new one: rules and what frameworks hand over.

Nothing here knows the database. An empty upload is :data:`UNCHANGED`: a form's field that nobody
has filled in must not delete anything.
"""

import os
from collections.abc import Callable
from enum import Enum
from typing import IO, Any, Final

from s3_saver import ArgumentTypeError, ObjectOptions, StoredFile

from ._contents import StreamContent, as_seekable, measure
from ._new_file import NewFile, unique_name
from ._rules import FileRules

#: Called with what was assigned and the attribute's name, returns a stream, an object with
#: ``stream`` and ``filename``, or a StoredFile; None for an empty upload.
Accept = Callable[[Any, str], Any]


#: Called with the content type of a new file, returns how it is kept on S3.
FindOptions = Callable[[str], ObjectOptions]


class Unchanged(Enum):
    """The type of :data:`UNCHANGED`."""

    UNCHANGED = "an empty upload"


#: Stands for an empty upload, which leaves a column's value as it is. It can be assigned, too.
UNCHANGED: Final = Unchanged.UNCHANGED


def incoming(value: Any, attribute: str, accept: Accept | None) -> StoredFile | Unchanged:
    """Return what was assigned as a StoredFile; an upload as a :class:`NewFile` without a name.

    :raises s3_saver.ArgumentTypeError: it is no file.
    """
    if not isinstance(value, StoredFile) and accept is not None and not _is_blank(value):
        value = accept(value, attribute)
    if _is_blank(value) or (isinstance(value, NewFile) and value.is_empty):
        return UNCHANGED
    if isinstance(value, StoredFile):
        return value
    stream, filename = _upload(value, attribute)
    size = measure(stream)
    if not size and not filename:
        return UNCHANGED
    return NewFile.made(StreamContent(stream), size=size, filename=filename)


def take(
    new: NewFile,
    column: object,
    folder: str,
    rules: FileRules | None,
    find_options: FindOptions | None,
) -> NewFile:
    """Return *new* as a file of a column, checked and with its name.

    What the column has taken already is returned as it is: ``Session.merge`` assigns it again.

    :param column: whose it is from now on.
    :param folder: of its name, empty or ending in a slash.
    """
    if new.progress.taken_by is column:
        return new
    content = new.progress.content
    values: dict[str, Any] = {
        "size": new.size,
        "content_type": new.content_type,
        "filename": new.filename,
        "metadata": dict(new.metadata),
    }
    # What knows its own ending is the copy of a stored file.
    named = new.filename or new.name
    checked = content.check(rules, new.filename) if rules is not None and content else None
    if checked is not None:
        named = checked.name
        values |= {"size": checked.size, "content_type": checked.content_type}
        if checked.width is not None and checked.height is not None:
            values["metadata"] |= {"width": checked.width, "height": checked.height}
    taken = NewFile.made(content, **values, name=unique_name(folder, named))
    taken.progress.taken_by = column
    if find_options is not None:
        taken.progress.options = find_options(taken.content_type)
    return taken


def _is_blank(value: Any) -> bool:
    return value is None or value is UNCHANGED or (isinstance(value, str) and not value)


def _upload(value: Any, attribute: str) -> tuple[IO[bytes], str]:
    """Return the stream and the client's name of an upload, or of a bare stream."""
    if isinstance(value, str | bytes | bytearray):
        raise ArgumentTypeError(
            attribute,
            value,
            "a file: a binary stream, a StoredFile, what a framework has of an upload, or None",
            ": open a path with mode 'rb', wrap bytes in io.BytesIO",
        )
    if hasattr(value, "filename"):  # an upload, of Werkzeug or of Starlette
        for holder in ("stream", "file"):
            if hasattr(value, holder):
                return as_seekable(getattr(value, holder), attribute), value.filename or ""
    own = getattr(value, "name", "")
    filename = os.path.basename(own) if isinstance(own, str) else ""
    return as_seekable(value, attribute), filename
