"""What an app's code chooses, checked where it is passed."""

from collections.abc import Callable
from dataclasses import dataclass

from s3_saver import S3Storage, Storage, StoredFile, ensure_storage

from ._arguments import check_callable
from .background._queue import Queue, check_queue
from .exceptions import ConfigError

_HOOKS = ("user", "on_sent", "on_failed", "authorize_read", "url")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What :class:`Uploads` was passed; see there.

    :raises TypeError: one is of a wrong type.
    :raises ConfigError: one does not go with another, or with S3.
    """

    user: Callable[[], object] | None = None
    on_sent: Callable[[StoredFile], object] | None = None
    on_failed: Callable[[StoredFile, Exception], object] | None = None
    authorize_read: Callable[[StoredFile], bool] | None = None
    storage: Storage | None = None
    url: Callable[[StoredFile], str] | None = None
    queue: Queue | None = None

    def __post_init__(self) -> None:
        for name in _HOOKS:
            if (hook := getattr(self, name)) is not None:
                check_callable(name, hook, "a function, such as a lambda")
        if self.queue is not None:
            check_queue(self.queue)
        if self.storage is not None:
            ensure_storage(self.storage)
        if isinstance(self.storage, S3Storage):
            raise ConfigError(
                f"storage must be of another kind, got {self.storage!r}: a bucket is chosen by"
                " S3_BUCKET_NAME, by which browsers can send files to it and read them there"
            )
        if self.url and self.storage is None:
            raise ConfigError("url is for the files of a storage of your own: pass storage, too")
