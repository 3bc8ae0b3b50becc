"""What can go wrong, as one small tree:

.. code-block:: text

    ThumbnailError
    ├── ConfigError            (also a ValueError)    a setting is missing or wrong
    ├── OptionError            (also a ValueError)    a size or an option breaks its rule
    ├── PruneRefusedError                             pruning might delete what is no orphan
    ├── QueueFullError                                the queue takes no more work now
    └── SourceError                                   no thumbnail can be made of this image
        ├── MissingImageError                         no image has that name
        ├── BrokenImageError                          the file is no image, or damaged
        ├── TooLargeError                             it has more pixels or bytes than allowed
        └── StorageFailedError                        the storage refuses, or does not answer

A page sees a :exc:`SourceError` only under ``THUMBNAIL_ON_ERROR = 'raise'``; otherwise the filter
returns a placeholder. A :exc:`QueueFullError` is logged, and no page sees it. The other errors are
mistakes in code or settings and are always raised.
"""

from s3_saver.settings import ConfigError as SettingError


class ThumbnailError(Exception):
    """The root of all errors of this package."""


class ConfigError(ThumbnailError, SettingError, ValueError):
    """A setting is missing or wrong, or the app is not set up right.

    :param message: which setting, its value and the fix.
    :param setting: its key in ``app.config``; empty if it is none.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class OptionError(ThumbnailError, ValueError):
    """A size, or an option of the filter, breaks its rule, which the message names."""


class PruneRefusedError(ThumbnailError):
    """Pruning might delete what is no orphan, or no thumbnail; the message says why."""


class QueueFullError(ThumbnailError):
    """The queue takes no more work now."""


class SourceError(ThumbnailError):
    """No thumbnail can be made of this image."""


class MissingImageError(SourceError):
    """No image has that name."""


class BrokenImageError(SourceError):
    """The file is damaged, or not an image of a format that is read."""


class TooLargeError(SourceError):
    """The image, its file or the thumbnail is larger than ``THUMBNAIL_MAX_PIXELS``,
    ``THUMBNAIL_MAX_DECODED_PIXELS`` or ``THUMBNAIL_MAX_BYTES`` allow, or the thumbnail longer than
    its format can be.
    """


class StorageFailedError(SourceError):
    """The storage refused the image or its thumbnail, or did not answer."""
