"""The command ``flask uploads prune``: files that no row names go."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

import click

from s3_saver import StoredFile, location_of

from .._state import State
from ._common import (
    Plan,
    commands,
    delete_planned,
    each_state,
    is_dry_run,
    older_than,
    one_store,
    without_asking,
)
from ._models import column_models

_BATCH = 1000


@commands.command("prune")
@older_than
@is_dry_run
@without_asking
@one_store
def prune(age: timedelta, dry_run: bool, yes: bool, store: str | None) -> None:
    """Delete files that no row names, as crashes leave them.

    Searched are the folders of the app's columns, by uploads.column and followed ones, where new
    files go. Pending uploads stay, and what is younger than --older-than, as files of transactions
    that are not committed yet are.

    An AGE is 0, or a number and s, m, h, d or w.
    """
    pruned = 0
    for state in each_state(store):
        if not column_models(state):
            continue
        plan = partial(_plan_orphans, state, age)
        delete_planned(state, plan, is_dry=dry_run, is_sure=yes)
        pruned += 1
    if not pruned:
        raise click.ClickException(
            "no model has files here: declare columns by uploads.column(…), in modules that the app"
            " imports"
        )


def _plan_orphans(state: State, age: timedelta) -> Plan:
    from ..columns._models import find_unnamed

    session = state.registered.session()
    kept = set(_names_of_registered(state))
    files = [file for file in find_unnamed(state.storages, session, age) if file.name not in kept]
    return [file.name for file in files], partial(_delete, state, files)


def _names_of_registered(state: State) -> Iterator[str]:
    """Yield what objects name that are none of SQLAlchemy's, where new files go."""
    place = location_of(state.storages.current)
    for model in state.registered.models.values():
        for obj in model.objects():
            for file in model.files(obj):
                if (file.storage_type, file.bucket_name) == place:
                    yield file.name


def _delete(state: State, files: list[StoredFile]) -> Iterable[str]:
    for start in range(0, len(files), _BATCH):
        batch = files[start : start + _BATCH]
        state.storages.delete(*batch)
        yield from (file.name for file in batch)
