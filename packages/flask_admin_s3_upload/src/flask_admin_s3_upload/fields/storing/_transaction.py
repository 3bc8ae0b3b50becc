"""Which transaction decides over a change: a :class:`s3_saver.FileTransaction` whose block is
running, else the session of an object of SQLAlchemy, else none: then it is committed at once.
"""

import sys
from typing import Any

from s3_saver import FileTransaction

from ..._views import fields_of_view
from ..finding._field_files import FieldFiles
from ..finding._files import File
from ..finding._models import has_follower, is_mapped
from ..finding._row_files import RowFiles
from ._changes import Change


def begin(obj: Any, attribute: str, row_files: RowFiles) -> Change:
    """Begin a change of an object's files, with those that it names now as obsolete."""
    outer = FileTransaction.current()
    files = outer.begin_nested() if outer else FileTransaction()
    return Change(obj, attribute, row_files, files)


def record(change: Change) -> None:
    """Hand a change to the transaction that it belongs to."""
    if FileTransaction.current() is None and is_mapped(type(change.obj)):
        from ._following import hand_over

        hand_over(change)
    else:
        change.finish()


def is_shared(change: Change, file: File) -> bool:
    """Whether another row names a file of this one now."""
    if change.row_files.is_shared is not None:
        return change.row_files.is_used_elsewhere(change.obj, file.row_name)
    if is_mapped(type(change.obj)):
        from ._following import is_named_by_others

        return is_named_by_others(change, file)
    return False


def watch() -> None:
    """Follow rows of SQLAlchemy, so that files are deleted with them."""
    # An app that uses SQLAlchemy has imported it; others need not have it.
    if "sqlalchemy.orm" in sys.modules and has_follower():
        from . import _following  # noqa: F401


def delete_files(view: Any, model: Any) -> None:
    """Delete the files of a row that was deleted, for models that are not SQLAlchemy's.

    .. code-block:: python

        class ThingView(flask_admin.contrib.peewee.ModelView):
            def after_model_delete(self, model):
                delete_files(self, model)

    :param view: the model view whose forms have the upload fields.
    :param model: the object, which still knows the names of its files.
    """
    for found in fields_of_view(view):
        field = found.make()
        if isinstance(field, FieldFiles) and field.deletes_with_row:
            begin(model, found.name, field.files).finish(deletes_row=True)
