"""Direct uploads as values of a file column, if an attribute is one."""

from typing import Any

from sqlalchemy_s3_files import FileType

from .._state import State
from ._accept import accept_token
from ._form_files import column_of


def populate(obj: Any, name: str, state: State, tokens: list[str], purpose: str) -> bool:
    """Let a column take direct uploads: a list, in addition to what it has; else the last one.

    :return: whether the attribute is such a column. If not, nothing is done.
    """
    column = column_of(getattr(type(obj), name, None))
    if column is None or not isinstance(column.type, FileType):
        return False
    accepted = [accept_token(state, token, purpose) for token in tokens]
    value = [*getattr(obj, name), *accepted] if column.type.multiple else accepted[-1]
    setattr(obj, name, value)
    return True
