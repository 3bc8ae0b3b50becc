"""What can go wrong, as one small tree:

.. code-block:: text

    UploadsError
    ├── ConfigError              (also a ValueError)      a setting, or a call, is missing or wrong
    ├── NoFileError              (also an untrusted_files.RejectedError)  none was chosen
    └── ClaimError               (also a ValueError)      a direct upload cannot be claimed
        ├── InvalidTokenError                      not ours, or another purpose's or user's
        ├── ExpiredTokenError
        ├── NotUploadedError                       nothing is there, or not all of it
        └── AlreadyClaimedError

A file that breaks a rule is refused by an :exc:`untrusted_files.RejectedError`. Its messages, and
those of :exc:`ClaimError`, are for the person who uploads: forms show them as they are. What goes
wrong in a storage is raised as :exc:`s3_saver.S3SaverError`.
"""

from s3_saver.settings import ConfigError as SettingError
from untrusted_files import RejectedError


class UploadsError(Exception):
    """The root of all errors that this package raises."""


class ConfigError(UploadsError, SettingError, ValueError):
    """A setting, or a call where the app is made, is missing or wrong.

    :param setting: its key in ``app.config``; empty if it is a call that is missing.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class NoFileError(UploadsError, RejectedError):
    """No file was chosen."""


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
    """Return the error for bytes that differ from those that were checked."""
    return NotUploadedError("This upload changed while it was checked: choose the file again.")
