"""What can go wrong, as one small tree:

.. code-block:: text

    UploadsError
    ├── ConfigError                                a setting, or a call, is missing or wrong
    ├── RejectedError            (also a ValueError)      the file breaks a rule
    │   ├── NoFileError                            none was chosen
    │   ├── TooLargeError
    │   ├── WrongTypeError                         by its bytes, not by what the client said
    │   ├── WrongExtensionError
    │   └── WrongDimensionsError
    └── ClaimError               (also a ValueError)      a direct upload cannot be claimed
        ├── InvalidTokenError                      not ours, or another purpose's or user's
        ├── ExpiredTokenError
        ├── NotUploadedError                       nothing is there, or not all of it
        └── AlreadyClaimedError

The messages of the last two branches are for the person who uploads: forms show them as they are.
What goes wrong in a storage is raised as :exc:`s3_saver.S3SaverError`.
"""


class UploadsError(Exception):
    """The root of all errors that this package raises."""


class ConfigError(UploadsError):
    """A setting, or a call where the app is made, is missing or wrong.

    :param setting: its key in ``app.config``; empty if it is a call that is missing.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class RejectedError(UploadsError, ValueError):
    """The file breaks a rule; the message tells whoever uploads it what to do."""


class NoFileError(RejectedError):
    """No file was chosen."""


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

    :param content_type: what the bytes are; ``None`` if nobody knows.
    """

    def __init__(self, message: str, *, content_type: str | None) -> None:
        super().__init__(message)
        self.content_type = content_type


class WrongExtensionError(RejectedError):
    """The name's extension is not an allowed one.

    :param extension: in lowercase, without the dot; it may be empty.
    """

    def __init__(self, message: str, *, extension: str) -> None:
        super().__init__(message)
        self.extension = extension


class WrongDimensionsError(RejectedError):
    """The picture is too small or too large, or is no picture at all.

    :param dimensions: width and height in pixels; ``None`` if they cannot be read.
    """

    def __init__(self, message: str, *, dimensions: tuple[int, int] | None) -> None:
        super().__init__(message)
        self.dimensions = dimensions


class ClaimError(UploadsError, ValueError):
    """A direct upload cannot be claimed; the message says what to do."""


class InvalidTokenError(ClaimError):
    """The token was changed, or was made for another purpose or another user."""


class ExpiredTokenError(ClaimError):
    """The token is older than ``UPLOADS_TOKEN_MAX_AGE``."""


class NotUploadedError(ClaimError):
    """The bytes never arrived, not all of them did, or they were pruned."""


class AlreadyClaimedError(ClaimError):
    """The token was claimed before; each can be once."""


def changed() -> NotUploadedError:
    """Make the error for bytes that are others than those that were checked."""
    return NotUploadedError("This upload changed while it was checked: choose the file again.")
