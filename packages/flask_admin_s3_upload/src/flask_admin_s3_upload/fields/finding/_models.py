"""What is asked of a model before anything of SQLAlchemy is imported: others need not have it."""

from collections.abc import Mapping
from typing import Any

from s3_saver import ArgumentError


def is_mapped(model: Any) -> bool:
    """Report whether SQLAlchemy maps a class."""
    return hasattr(model, "__mapper__")


def has_follower() -> bool:
    """Report whether the library is installed by which files follow rows of SQLAlchemy."""
    try:
        import sqlalchemy_s3_files  # noqa: F401
    except ImportError:
        return False
    return True


def check_model(model: Any, attributes: Mapping[str, str | None]) -> None:
    """Make sure that files can follow the rows of a model of SQLAlchemy.

    :param attributes: those that the options name, by option.
    :raises s3_saver.ArgumentError: the model lacks one, or the extra is not installed.
    """
    if not is_mapped(model):
        return
    if not has_follower():
        raise ArgumentError(
            "model",
            model.__name__,
            "of another library than SQLAlchemy, while sqlalchemy-s3-files is not installed",
            ": pip install 'flask-admin-s3-upload[sqlalchemy]'",
        )
    for option, name in attributes.items():
        if name and not hasattr(model, name):
            raise ArgumentError(option, name, f"an attribute of {model.__name__}")
