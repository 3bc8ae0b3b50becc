"""Columns of stored files: the column stores, with the transaction.

Without the extra ``sqlalchemy``, FileModelView is an error that says how to get it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._model_view import FileModelView
else:
    try:
        from ._model_view import FileModelView
    except ModuleNotFoundError as missing:
        if missing.name not in ("sqlalchemy", "sqlalchemy_s3_files"):
            raise

        class FileModelView:
            """Needs sqlalchemy-s3-files: install ``flask-admin-s3-upload[sqlalchemy]``."""

            def __new__(cls, *_args: Any, **_kwargs: Any) -> Any:
                raise ImportError(
                    "FileModelView needs sqlalchemy-s3-files: "
                    "pip install 'flask-admin-s3-upload[sqlalchemy]'"
                )


__all__ = ["FileModelView"]
