"""A file that is stored and stays is not asked for again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def not_asked_again(field: Any) -> Iterator[None]:
    """Leave out validators that refuse an empty field, if its file is stored and stays."""
    validators = field.validators
    if field.data and not field.uploads:
        field.validators = [one for one in validators if not _asks_for_something(one)]
    try:
        yield
    finally:
        field.validators = validators


def _asks_for_something(validator: Any) -> bool:
    """Report whether a validator refuses an empty field, as those do that set this flag."""
    flags = getattr(validator, "field_flags", None)
    return isinstance(flags, dict) and bool(flags.get("required"))
