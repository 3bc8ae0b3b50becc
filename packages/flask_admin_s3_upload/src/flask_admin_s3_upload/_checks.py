"""What is refused of an upload: its name, its size, its content."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urljoin

from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from s3_saver import AlreadyExistsError, UnsafeNameError, check_name
from untrusted_files import (
    PictureError,
    PictureTooLargeError,
    clean_filename,
    extension_of,
)

from ._content import better_name, is_genuine, is_hidden_markup
from ._flask_admin import gettext
from ._names import namegen_filename, unsafe_extensions
from ._shown import ShownFiles
from ._widgets import readable_size

logger = logging.getLogger("flask_admin_s3_upload")

_PIXEL_LIMITS = ("max_pixels", "max_decoded_pixels")


class Output(NamedTuple):
    """A file to store for an upload: its name, and how to make its content."""

    name: str
    content: Callable[[], Any]


class CheckedUploads(ShownFiles):
    """The part of a field that refuses uploads."""

    # Flask-Admin's.
    allowed_extensions: Sequence[str] | None
    namegen: Callable[[Any, FileStorage], str]
    is_file_allowed: Callable[[str], bool]
    relative_path: str | None

    def generate_name(self, obj: Any, file_data: FileStorage) -> str:
        """Return the name that *namegen* makes, below *relative_path*, as Flask-Admin's field does.

        :raises ValueError: it makes none.
        """
        name: Any = self.namegen(obj, file_data)
        if not isinstance(name, str) or not name:
            raise ValueError(f"namegen gave {name!r}: must return the file's name, a str")
        return urljoin(self.relative_path, name) if self.relative_path else name

    def check_upload(self, upload: FileStorage) -> None:
        """Refuse a file that must not be stored.

        Judged are the names under which it would be: its own, cleaned, which it has while it waits
        for the form to pass, and the one that *namegen* makes.

        :raises ValidationError: says why, in words.
        """
        name = clean_filename(upload.filename)
        if not self.is_file_allowed(name):
            raise ValidationError(self._extension_refusal())
        if self.options.max_bytes is not None and _size(upload) > self.options.max_bytes:
            limit = readable_size(self.options.max_bytes)
            raise ValidationError(
                gettext("This file is too large: %(limit)s is the most.", limit=limit)
            )
        self.check_file(upload, name)
        obj = getattr(self._form, "_obj", None)
        # The name that a function makes for a new object is not known yet: it is checked when the
        # file is stored.
        if obj is not None or self.namegen is namegen_filename:
            self._check_names(obj, upload)

    def check_file(self, upload: FileStorage, name: str) -> None:
        """Refuse a file that must not be stored under this name.

        :raises ValidationError: says why, in words.
        """
        with refused(name):
            check_name(name)
        # What namegen leaves without an extension is harmless.
        if extension_of(name) and not self.is_file_allowed(name):
            raise ValidationError(self._extension_refusal())
        for extension in self._refused_extensions(name):
            text = gettext(
                "Files with .%(extension)s in their name are not accepted here.",
                extension=extension,
            )
            raise ValidationError(text)
        self.check_content(upload, name)

    def check_content(self, upload: FileStorage, name: str) -> None:
        """Refuse content that is not what the name says.

        :raises ValidationError: says so.
        """
        if not is_genuine(upload.stream, name):
            raise ValidationError(self._content_refusal(upload))
        if is_hidden_markup(upload.stream, name, self._allowed):
            raise ValidationError(gettext("HTML, SVG and XML files are not accepted here."))

    @property
    def _allowed(self) -> list[str]:
        return [str(one).lower() for one in self.allowed_extensions or ()]

    def _refused_extensions(self, name: str) -> list[str]:
        allowed = self._allowed
        return [one for one in unsafe_extensions(name) if one not in allowed]

    def _content_refusal(self, upload: FileStorage) -> str:
        # By the name that people know, not the one under which the file is stored.
        name = clean_filename(upload.filename)
        better = better_name(upload.stream, name)
        if better == name or not self.is_file_allowed(better) or self._refused_extensions(better):
            return gettext("This file is damaged, or not what its name says.")
        return gettext(
            "This file is not what its name says: it should be called %(name)s.", name=better
        )

    def _extension_refusal(self) -> str:
        extensions = ", ".join(f".{one}" for one in self._allowed)
        allowed = gettext("Allowed: %(extensions)s", extensions=extensions)
        return f"{gettext('Invalid file extension')}. {allowed}"

    def _check_names(self, obj: Any, upload: FileStorage) -> None:
        name = self.generate_name(obj, upload)
        if name != clean_filename(upload.filename):
            self.check_file(upload, name)
        for output in self.outputs(upload, name):
            with refused(output.name):
                check_name(output.name)
                if self.options.allow_overwrite is False and self._is_taken(output.name):
                    raise AlreadyExistsError(output.name)

    def _is_taken(self, name: str) -> bool:
        return self.storages.current.exists(name)

    def outputs(self, upload: FileStorage, filename: str) -> list[Output]:
        """Return what to store for an upload, the file itself first."""
        return [Output(filename, lambda: upload.stream)]

    @contextmanager
    def naming(self, upload: FileStorage) -> Iterator[None]:
        """Let a refusal say which of many files it is about."""
        try:
            yield
        except ValidationError as refusal:
            if not self.many:
                raise
            name = self._chosen_names.get(upload, upload.filename or "")
            raise ValidationError(f"{name}: {refusal}") from refusal


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Turn what is wrong with a file or its name into words for the form.

    :param name: under which the file is to be stored.
    """
    try:
        yield
    except AlreadyExistsError as error:
        raise ValidationError(gettext('File "%(name)s" already exists.', name=name)) from error
    except UnsafeNameError as error:
        text = gettext('"%(name)s" cannot be the name of a file.', name=name)
        raise ValidationError(text) from error
    except PictureError as error:
        logger.info("%r is refused: %s", name, error.reason)
        raise ValidationError(_words_of(error)) from error


def _words_of(error: PictureError) -> str:
    if isinstance(error, PictureTooLargeError) and error.limit in _PIXEL_LIMITS:
        return gettext(
            "This picture has too many pixels: %(limit)s are allowed.", limit=f"{error.maximum:,}"
        )
    return gettext(str(error))


def _size(upload: FileStorage) -> int:
    upload.stream.seek(0, 2)
    size = upload.stream.tell()
    upload.stream.seek(0)
    return size
