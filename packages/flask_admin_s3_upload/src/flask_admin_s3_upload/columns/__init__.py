"""Columns of stored files: the column stores, with the transaction.

Without the extra ``sqlalchemy``, FileModelView is an error that says how to get it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._model_view import FileModelView
else:
    try:
        from ._model_view import FileModelView
    except ImportError as missing:
        # Flask-Admin 2 lacks names of its own where Flask-SQLAlchemy is not installed.
        if not str(missing.name).startswith(("sqlalchemy", "flask_admin.contrib.sqla")):
            raise

        class FileModelView:
            """Needs SQLAlchemy and more: install ``flask-admin-s3-upload[sqlalchemy]``."""

            def __new__(cls, *_args: Any, **_kwargs: Any) -> Any:
                raise ImportError(
                    "FileModelView needs sqlalchemy-s3-files and Flask-SQLAlchemy: "
                    "pip install 'flask-admin-s3-upload[sqlalchemy]'"
                )


__all__ = ["FileModelView"]
