"""What can go wrong, as one small tree:

.. code-block:: text

    S3StaticError
    ├── ConfigError            (also a ValueError)  a setting is wrong or missing
    ├── CollectError           (also a ValueError)  the static files cannot be pushed as they are
    ├── MissingReferenceError  (also a ValueError)  strict, and a stylesheet names what isn't there
    ├── ManifestError          (also a ValueError)  the manifest of hashed names is unreadable
    └── PushError                                   not all is in the bucket

What S3 itself refuses comes as s3_saver's errors, which name the bucket, the key and the fix.
"""

import s3_saver

from ._report import PushReport


class S3StaticError(Exception):
    """The root of all errors of this package."""


class ConfigError(S3StaticError, s3_saver.ConfigError, ValueError):
    """A setting is wrong or missing, or the app is not set up right; nothing was done.

    :param message: which setting, its value and the fix.
    :param setting: its key in ``app.config``, such as ``'FLASKS3_URL_STYLE'``; empty if it is none.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message, setting=setting)


class CollectError(S3StaticError, ValueError):
    """The static files cannot be pushed as they are, or there are none; nothing was uploaded."""


class MissingReferenceError(S3StaticError, ValueError):
    """Stylesheets or scripts name files that are not there, and this was to be an error.

    :param problems: a sentence for each.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ManifestError(S3StaticError, ValueError):
    """The manifest of hashed names is damaged, or of a version that this package can't read."""


class PushError(S3StaticError):
    """Not all is in the bucket as it should be. What was stored is known, and not sent again.

    :param report: what was done, with the reason of each failure.
    """

    def __init__(self, message: str, report: PushReport) -> None:
        super().__init__(message)
        self.report = report
