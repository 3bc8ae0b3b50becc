"""Which transaction decides over a change: a :class:`s3_saver.FileTransaction` whose block is
running, else the object's SQLAlchemy session, else none: then it is committed at once.
"""

import sys
from typing import Any

from s3_saver import FileTransaction

from .._views import fields_of_view
from ._changes import Change, asked_hook, nobody_knows
from ._files import File
from ._parts import FieldParts
from ._row_files import RowFiles


def begin(obj: Any, attribute: str, row_files: RowFiles) -> Change:
    """Begin a change of an object's files, with those that it names now as obsolete."""
    outer = FileTransaction.current()
    files = outer.begin_nested() if outer else FileTransaction()
    change = Change(obj, attribute, row_files, files)
    change.replace(change.named_now())
    return change


def record(change: Change) -> None:
    """Hand a change to the transaction that it belongs to."""
    if FileTransaction.current() is None and "sqlalchemy.orm" in sys.modules:
        from ._sqlalchemy import record_in_session

        if record_in_session(change):
            return
    finish(change)


def is_shared(change: Change, file: File) -> bool:
    """Whether another row names a file of this one now."""
    if change.row_files.is_shared is not None:
        return asked_hook(change, file)
    if "sqlalchemy.orm" in sys.modules:
        from ._sqlalchemy import is_named_by_another

        return is_named_by_another(change, file)
    return False


def finish(change: Change) -> None:
    """Let a change be committed: within the block that is running, or at once."""
    change.settle(asked_hook)
    change.commit(nobody_knows)


def watch() -> None:
    """Listen to SQLAlchemy, so that files are deleted with their rows."""
    # An app that uses SQLAlchemy has imported it; others need not have it.
    if "sqlalchemy.orm" in sys.modules:
        from . import _sqlalchemy  # noqa: F401


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
        if isinstance(field, FieldParts) and field.deletes_with_row:
            change = begin(model, found.name, field.files)
            change.deletes_row = True
            finish(change)
