"""The commands ``flask uploads`` that go through rows: prune and migrate."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial

import click

from s3_saver import ArgumentError, S3SaverError, StoredFile, location_of

from .._state import State
from ..exceptions import ConfigError
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
from ._migration import Migration, Movable

#: By their names.
Models = list[tuple[str, Movable]]

_BATCH = 1000


def column_models(state: State) -> Models:
    """Return the models whose columns name files of a store, by their names."""
    if "sqlalchemy_s3_files" not in sys.modules:  # then there can be none
        return []
    from ..columns._models import ColumnModel, find_outermost

    models = find_outermost(state.storages)
    if not models:
        return []
    session = state.registered.session()
    return [(one.__name__, ColumnModel(session, one, state.storages)) for one in models]


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
        if not _found(column_models, state):
            continue
        plan = partial(_plan_orphans, state, age)
        delete_planned(state, plan, is_dry=dry_run, is_sure=yes)
        pruned += 1
    if not pruned:
        raise click.ClickException(
            "no model has files here: declare columns by uploads.column(…), in modules that the app"
            " imports"
        )


def _found(find: Callable[[State], Models], state: State) -> Models:
    try:
        return find(state)
    except ConfigError as error:  # there is no session that leads to them
        raise click.ClickException(str(error)) from error


def _plan_orphans(state: State, age: timedelta) -> Plan:
    from ..columns._models import find_unnamed

    session = state.registered.session()
    kept = set(_names_of_registered(state))
    found = [file for file in find_unnamed(state.storages, session, age) if file.name not in kept]
    return [file.name for file in found], partial(_delete, state, found)


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


@commands.command("migrate")
@click.option("--to", "target", type=click.Choice(["s3", "local"]), required=True)
@click.option(
    "--delete-left-over",
    is_flag=True,
    help="Delete the originals, too, that an earlier run left because it was broken off.",
)
@one_store
def migrate(target: str, delete_left_over: bool, store: str | None) -> None:
    """Move the files of all models to S3, or to the disk.

    Models are those with a column by uploads.column, or followed ones, and those that the app has
    registered. Each file is copied and compared, then its row is committed; the originals of what
    was moved are deleted. Run it again to go on after a stop: it lists what the earlier run did not
    come to delete.
    """
    # One after the other, as each is announced.
    failed = [
        _migrate(state, models, target, delete_left_over=delete_left_over)
        for state in each_state(store)
        if (models := _found(_models, state))
    ]
    if not failed:
        raise click.ClickException(
            "no model has files here: declare columns by uploads.column(…), in modules that the app"
            " imports, or call uploads.register_model(…)"
        )
    if any(failed):
        raise SystemExit(1)


def _models(state: State) -> Models:
    registered: Models = list(state.registered.models.items())
    return [*registered, *column_models(state)]


def _migrate(state: State, models: Models, target: str, *, delete_left_over: bool) -> int:
    bucket_name = state.settings.s3.bucket_name
    if target == "s3" and not bucket_name:
        key = state.settings.key_of("bucket_name")
        raise click.ClickException(f"{key} is missing: set it to the bucket's name")
    migration = Migration(state.storages, "s3" if target == "s3" else "", bucket_name)
    failed = moved = 0
    for name, model in models:
        with click.progressbar(model.objects(), label=name) as bar:
            for obj in bar:
                try:
                    moved += migration.move(model, obj)
                except (S3SaverError, ConfigError, ArgumentError) as error:
                    failed += 1
                    click.echo(f"\n{name}: {_words(state, error)}", err=True)
    try:
        for line in _finish(migration, delete_left_over=delete_left_over):
            click.echo(line)
    except S3SaverError as error:
        raise click.ClickException(
            f"an original could not be deleted: {_words(state, error)}; to delete it, run this"
            " again with --delete-left-over"
        ) from error
    click.echo(f"{moved} moved to {target}, {failed} failed")
    return failed


def _words(state: State, error: Exception) -> str:
    return state.settings.in_settings(error) if isinstance(error, S3SaverError) else str(error)


def _finish(migration: Migration, *, delete_left_over: bool) -> Iterator[str]:
    migration.delete_originals()
    originals = migration.left_over()
    for original in originals:
        if delete_left_over:
            migration.delete(original)
        done = "deleted" if delete_left_over else "left over by an earlier run"
        yield f"{done}: {original.name} on {original.bucket_name or 'the disk'}"
    if originals and not delete_left_over:
        yield "Run this again with --delete-left-over to delete these."
