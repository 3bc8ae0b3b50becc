"""The functions by which an app has its say, checked where they are passed."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from s3_saver import StoredFile

from ._arguments import check_callable


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What :class:`Uploads` was passed; see there.

    :raises TypeError: one cannot be called.
    """

    user: Callable[[], object] | None = None
    on_sent: Callable[[StoredFile], object] | None = None
    on_failed: Callable[[StoredFile, Exception], object] | None = None
    authorize_read: Callable[[StoredFile], bool] | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if (hook := getattr(self, field.name)) is not None:
                check_callable(field.name, hook, "a function, such as a lambda")
