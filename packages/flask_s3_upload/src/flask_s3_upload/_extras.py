"""The extra ``sqlalchemy``, imported where it is used; an error says if it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from .exceptions import ConfigError


@contextmanager
def needs_sqlalchemy(what: str) -> Iterator[None]:
    """Let imports in this block fail by an error that says how to install the extra.

    :param what: who needs them, such as ``'uploads.column'``.
    :raises ConfigError: the extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("sqlalchemy", "sqlalchemy_s3_files"):
            raise
        raise ConfigError(
            f"{what} needs SQLAlchemy: pip install 'flask-s3-upload[sqlalchemy]'"
        ) from missing
