"""The models that a command goes through."""

import sys

import click

from .._state import State
from ..exceptions import ConfigError
from ._migration import Movable

#: By their names.
Models = list[tuple[str, Movable]]


def column_models(state: State) -> Models:
    """Return the models whose columns name files of a store, by their names.

    :raises ClickException: no session leads to their rows.
    """
    if "sqlalchemy_s3_files" not in sys.modules:  # then there can be none
        return []
    from ..columns._models import ColumnModel, find_outermost

    try:
        models = find_outermost(state.storages)
        session = state.registered.session() if models else None
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    if session is None:
        return []
    return [(one.__name__, ColumnModel(session, one, state.storages)) for one in models]


def all_models(state: State) -> Models:
    """Return the models that are registered, and those with columns; raises as the latter."""
    return [*state.registered.models.items(), *column_models(state)]
