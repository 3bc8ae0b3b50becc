"""The command ``flask uploads migrate``: files move to the other storage."""

from collections.abc import Iterator

import click

from s3_saver import ArgumentError, S3SaverError

from .._state import State
from ..exceptions import ConfigError
from ._common import commands, each_state, one_store
from ._migration import Migration
from ._models import Models, all_models


@commands.command("migrate")
@click.option("--to", "target", type=click.Choice(["s3", "local"]), required=True)
@click.option(
    "--delete-left-over",
    is_flag=True,
    help="Delete the originals, too, that an earlier run left because it was broken off.",
)
@click.option("--dry-run", is_flag=True, help="List what would be moved, do nothing.")
@one_store
def migrate(target: str, delete_left_over: bool, dry_run: bool, store: str | None) -> None:
    """Move the files of all models to S3, or to the disk.

    Models are those with a column by uploads.column, or followed ones, and those that the app has
    registered. Each file is copied and compared, then its row is committed; the originals of what
    was moved are deleted. Run it again to go on after a stop: it lists what the earlier run did not
    come to delete.
    """
    # One after the other, as each is announced.
    failed = [
        _list(state, models, target)
        if dry_run
        else _migrate(state, models, target, delete_left_over=delete_left_over)
        for state in each_state(store)
        if (models := all_models(state))
    ]
    if not failed:
        raise click.ClickException(
            "no model has files here: declare columns by uploads.column(…), in modules that the app"
            " imports, or call uploads.register_model(…)"
        )
    if any(failed):
        raise SystemExit(1)


def _migration(state: State, target: str) -> Migration:
    bucket_name = state.settings.s3.bucket_name
    if target == "s3" and not bucket_name:
        key = state.settings.key_of("bucket_name")
        raise click.ClickException(f"{key} is missing: set it to the bucket's name")
    return Migration(state.storages, "s3" if target == "s3" else "", bucket_name)


def _list(state: State, models: Models, target: str) -> int:
    migration = _migration(state, target)
    listed = set()
    for name, model in models:
        for obj in model.objects():
            for file in migration.waiting(model, obj):
                if file.location not in listed:  # two objects, or two models, may name it
                    click.echo(f"would move {name}: {file.name}")
                listed.add(file.location)
    click.echo(f"{len(listed)} to move to {target}")
    return 0


def _migrate(state: State, models: Models, target: str, *, delete_left_over: bool) -> int:
    migration = _migration(state, target)
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
