"""What the commands ``flask uploads`` share: options, stores, and asking before a deletion."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import click
from flask.cli import AppGroup

from s3_saver import ArgumentError, S3SaverError, parse_age

from .._state import State, chosen_states
from ..exceptions import ConfigError

commands = AppGroup("uploads", help="Check the storage of uploads, and keep it in order.")


def _age(_ctx: click.Context, _option: click.Parameter, value: str) -> timedelta:
    try:
        return parse_age(value)
    except ArgumentError as error:
        raise click.BadParameter(f"{value!r} is not {error.rule}") from error


older_than = click.option(
    "--older-than", "age", callback=_age, default="24h", show_default=True, metavar="AGE"
)
is_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be deleted.")
without_asking = click.option("--yes", is_flag=True, help="Delete without asking.")
one_store = click.option(
    "--store", metavar="NAME", help="Only this store, '' for the one without a name; else all."
)


def each_state(store: str | None) -> Iterator[State]:
    """Yield the parts of the stores that a command is for, and say which comes next if there are
    several.
    """
    try:
        states = chosen_states(store)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    for state in states:
        if len(states) > 1:
            click.echo(f"store {state.store.name!r}:")
        yield state


#: A line for each thing that would be deleted; and what deletes them, and yields one for each.
Plan = tuple[list[str], Callable[[], Iterable[str]]]


def delete_planned(state: State, plan: Callable[[], Plan], *, is_dry: bool, is_sure: bool) -> None:
    """Show what would be deleted, ask, and delete it."""
    deleted = 0
    try:
        lines, delete = plan()
        if is_dry or not is_sure:
            for line in lines:
                click.echo(f"would delete {line}")
        if is_dry:
            click.echo(f"{len(lines)} to delete")
            return
        if lines and not is_sure:
            click.confirm(f"Delete these {len(lines)}?", abort=True)
        for line in delete():
            click.echo(f"deleted {line}")
            deleted += 1
    except S3SaverError as error:
        message = state.settings.in_settings(error)
        raise click.ClickException(f"{deleted} deleted, then: {message}") from error
    click.echo(f"{deleted} deleted")
