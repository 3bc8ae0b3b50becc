"""What is refused of an upload: its name, its size, its content."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urljoin

from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from s3_saver import AlreadyExistsError, UnsafeNameError

from ._flask_admin import gettext
from ._names import can_run_scripts, extension_of, hidden_extension, namegen_filename
from ._places import check_name
from ._shown import ShownFiles
from ._sniff import is_genuine


class Output(NamedTuple):
    """A file to store for an upload: its name, and how to make its content."""

    name: str
    content: Callable[[], Any]


class CheckedUploads(ShownFiles):
    """The part of a field that refuses uploads."""

    allowed_extensions: Sequence[str] | None
    max_bytes: int | None
    namegen: Callable[[Any, FileStorage], str]
    _allow_overwrite: bool

    # Flask-Admin's.
    is_file_allowed: Callable[[str], bool]
    relative_path: str | None

    def generate_name(self, obj: Any, file_data: FileStorage) -> str:
        """Give the name that *namegen* makes, below *relative_path*, as Flask-Admin's field does.

        :raises ValueError: it makes none.
        """
        name: Any = self.namegen(obj, file_data)
        if not isinstance(name, str) or not name:
            raise ValueError(f"namegen gave {name!r}: must return the file's name, a str")
        return urljoin(self.relative_path, name) if self.relative_path else name

    def check_upload(self, upload: FileStorage) -> None:
        """Refuse a file that must not be stored.

        :raises ValidationError: says why, in words.
        """
        name = upload.filename or ""
        if not self.is_file_allowed(name):
            raise ValidationError(gettext("Invalid file extension"))
        if not self.allowed_extensions and can_run_scripts(name):
            text = gettext(
                '"%(name)s" can run scripts where it is opened: only a field whose '
                "allowed_extensions list .%(extension)s takes it.",
                name=name,
                extension=extension_of(name),
            )
            raise ValidationError(text)
        if hidden := hidden_extension(name):
            text = gettext('"%(name)s" hides the extension .%(hidden)s.', name=name, hidden=hidden)
            raise ValidationError(text)
        if self.max_bytes is not None and _size(upload) > self.max_bytes:
            limit = f"{self.max_bytes:,}"
            text = gettext('"%(name)s" is larger than %(limit)s bytes.', name=name, limit=limit)
            raise ValidationError(text)
        self.check_content(upload)
        obj = getattr(self._form, "_obj", None)
        # The name that a function makes for a new object is not known yet: it is checked when the
        # file is stored.
        if obj is not None or self.namegen is namegen_filename:
            self._check_names(obj, upload)

    def check_content(self, upload: FileStorage) -> None:
        """Refuse content that is not what the extension says.

        :raises ValidationError: says so.
        """
        name = upload.filename or ""
        if not is_genuine(extension_of(name), upload.stream):
            raise ValidationError(gettext('"%(name)s" is not what its extension says.', name=name))

    def _check_names(self, obj: Any, upload: FileStorage) -> None:
        for output in self.outputs(upload, self.generate_name(obj, upload)):
            with refused(output.name):
                check_name(output.name)
                if not self._allow_overwrite and self._is_taken(output.name):
                    raise AlreadyExistsError(output.name)

    def _is_taken(self, name: str) -> bool:
        return self.places.current.storage.exists(name)

    def outputs(self, upload: FileStorage, filename: str) -> list[Output]:
        """Give what to store for an upload, the file itself first."""
        return [Output(filename, lambda: upload.stream)]


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Turn what is wrong with a name into words for the form."""
    try:
        yield
    except AlreadyExistsError as error:
        raise ValidationError(gettext('File "%(name)s" already exists.', name=name)) from error
    except UnsafeNameError as error:
        text = gettext('"%(name)s" cannot be the name of a file.', name=name)
        raise ValidationError(text) from error


def _size(upload: FileStorage) -> int:
    upload.stream.seek(0, 2)
    size = upload.stream.tell()
    upload.stream.seek(0)
    return size
