"""The package's errors, as one small tree:

.. code-block:: text

    RejectedError                     (also a ValueError)  the file breaks a rule
    ├── TooLargeError                                      more bytes than allowed
    ├── WrongTypeError                                     of another type than allowed or named
    ├── WrongExtensionError                                an extension that is not allowed
    ├── WrongDimensionsError                               a picture that is too small or too large
    └── PictureError                                       a picture that cannot be shown
        ├── BrokenPictureError                             damaged, or of an unknown format
        └── PictureTooLargeError                           decoding it would take too much

    ArgumentError                     (also a ValueError)    a call's argument is wrong
    MissingLibraryError               (also an ImportError)  a library must be installed

The messages of the first tree are for the person who uploads: forms show them as they are. Details
for developers are in their attributes. All errors can be pickled, so that a process pool or a task
queue may check files.
"""

from typing import Any


class _PortableError(Exception):
    """An error that pickle and copy restore with its attributes, without calling its class."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, vars(self))


def _restore(kind: type[Exception], args: tuple[Any, ...], attributes: dict[str, Any]) -> Exception:
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


class RejectedError(_PortableError, ValueError):
    """The file breaks a rule; the message is for the person who uploads it."""


class TooLargeError(RejectedError):
    """The file is larger than allowed.

    :param size: of the file, in bytes.
    :param max_bytes: the limit.
    """

    def __init__(self, message: str, *, size: int, max_bytes: int) -> None:
        super().__init__(message)
        self.size = size
        self.max_bytes = max_bytes


class WrongTypeError(RejectedError):
    """The bytes are not of an allowed type, or not of the type that the file's name promises.

    :param content_type: what the bytes are; ``None`` if it is not known.
    """

    def __init__(self, message: str, *, content_type: str | None) -> None:
        super().__init__(message)
        self.content_type = content_type


class WrongExtensionError(RejectedError):
    """An extension of the file's name is not allowed.

    :param extension: in lower case, without its dot; may be empty.
    """

    def __init__(self, message: str, *, extension: str) -> None:
        super().__init__(message)
        self.extension = extension


class WrongDimensionsError(RejectedError):
    """The picture is too small or too large, or its size cannot be read.

    :param dimensions: width and height in pixels; ``None`` if they cannot be read.
    """

    def __init__(self, message: str, *, dimensions: tuple[int, int] | None) -> None:
        super().__init__(message)
        self.dimensions = dimensions


class PictureError(RejectedError):
    """The picture cannot be shown.

    :param reason: details for the log.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class BrokenPictureError(PictureError):
    """The file is damaged, or is not a picture of a format that is read here."""


class PictureTooLargeError(PictureError):
    """Decoding the picture would take more memory or time than allowed.

    :param limit: the field of :class:`~untrusted_files.pictures.Limits` that applies, such as
        ``'max_pixels'``; ``'max_side'`` where the format to write cannot hold such a width or
        height; ``'PIL.Image.MAX_IMAGE_PIXELS'`` for a picture that only Pillow can measure.
    :param value: what the picture has; ``None`` if that is not known.
    :param maximum: what is allowed.
    """

    def __init__(
        self, message: str, *, reason: str, limit: str, value: int | None, maximum: int
    ) -> None:
        super().__init__(message, reason=reason)
        self.limit = limit
        self.value = value
        self.maximum = maximum


class ArgumentError(_PortableError, ValueError):
    """An argument is wrong, which is a mistake in code.

    :param argument: its name.
    :param value: what was passed.
    :param rule: what it must be.
    """

    def __init__(self, argument: str, value: object, rule: str) -> None:
        super().__init__(f"{argument} must be {rule}, got {value!r}")
        self.argument = argument
        self.value = value
        self.rule = rule


class MissingLibraryError(ImportError):
    """A library that this call needs is not installed; the message says how to install it."""
