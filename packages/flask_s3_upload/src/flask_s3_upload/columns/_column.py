"""Making a column whose files follow its rows, in the storages of the current app."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from inspect import signature
from typing import Any

from sqlalchemy.orm import MappedColumn, mapped_column

from s3_saver import ArgumentError, ArgumentTypeError, ObjectOptions, Storages
from sqlalchemy_s3_files import FileRules, FileType
from untrusted_files import Rules

from .._arguments import check_purpose, check_to
from .._names import check_column_folder
from .._state import State
from .._storages import with_disposition
from ..direct._browser import DirectUploads
from ._accept import accept_token
from ._rules import PurposeRules

FindState = Callable[[], State]

_ANYTHING = Rules()  # which finds out what the bytes are


def make_column(
    find_state: FindState,
    to: str,
    *,
    rules: FileRules | None,
    purpose: str | None,
    multiple: bool,
    shared: bool,
    **options: Any,
) -> MappedColumn[Any]:
    """Make a mapped column; see :meth:`Uploads.column`."""
    check_to(to)
    check_column_folder(to)
    _check_options(options)
    if purpose is not None:
        check_purpose(purpose)
        if rules is not None:
            raise ArgumentError(
                "rules",
                rules,
                "left out where purpose is passed",
                ": they are those that allow_direct has for the purpose",
            )
        info = dict(options.pop("info", None) or {})
        info["direct_uploads"] = DirectUploads(find_state, purpose)
        options["info"] = info
    kind = FileType(
        _finder(find_state),
        to,
        rules=PurposeRules(find_state, purpose) if purpose is not None else rules or _ANYTHING,
        accept=None if purpose is None else _taking_tokens(find_state, purpose),
        multiple=multiple,
        shared=shared,
        options=_kept_as_served,
    )
    return mapped_column(kind, **options)


def _check_options(options: Iterable[str]) -> None:
    """Raise at a misspelt option, of which SQLAlchemy would only say that it is not its own."""
    own = ("rules", "purpose", "multiple", "shared")
    known = [*own, *signature(mapped_column).parameters]
    for name in options:
        near = [] if name in known else get_close_matches(name, own, n=1, cutoff=0.7)
        if near:
            raise ArgumentTypeError(
                "option", name, "one of uploads.column or mapped_column", f": is it {near[0]!r}?"
            )


def _finder(find_state: FindState) -> Callable[[], Storages]:
    return lambda: find_state().storages


def _taking_tokens(find_state: FindState, purpose: str) -> Callable[[Any, str], Any]:
    def accept(value: Any, _attribute: str) -> Any:
        return accept_token(find_state(), value, purpose) if isinstance(value, str) else value

    return accept


def _kept_as_served(content_type: str) -> ObjectOptions:
    return with_disposition({}, content_type)
