"""What an extra brings, imported where it is used; in words where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from .exceptions import ConfigError

_LIBRARIES = {"sqlalchemy": ("SQLAlchemy", ("sqlalchemy", "sqlalchemy_s3_files"))}


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """Let imports in this block fail in words.

    :param what: who needs them, such as ``'uploads.column'``.
    :raises ConfigError: the extra is not installed.
    """
    library, modules = _LIBRARIES[extra]
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in modules:
            raise
        raise ConfigError(
            f"{what} needs {library}: pip install 'flask-s3-upload[{extra}]'"
        ) from missing
