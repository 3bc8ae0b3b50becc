"""The command ``flask uploads prune-pending``: direct uploads that nobody has claimed go."""

from datetime import timedelta
from functools import partial

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
from ._pending import delete_pending, find_pending


@commands.command("prune-pending")
@older_than
@is_dry_run
@without_asking
@one_store
def prune_pending(age: timedelta, dry_run: bool, yes: bool, store: str | None) -> None:
    """Delete direct uploads that nobody has claimed.

    On a disk, hidden files that killed processes left go as well, when they are a day old.

    An AGE is 0, or a number and s, m, h, d or w.
    """
    for state in each_state(store):
        plan = partial(_plan_pending, state, age)
        delete_planned(state, plan, is_dry=dry_run, is_sure=yes)


def _plan_pending(state: State, age: timedelta) -> Plan:
    storage = state.storages.current
    keep_marks = timedelta(seconds=state.settings.token_max_age)
    found = find_pending(storage, age, keep_marks=keep_marks)
    return found.lines(), partial(delete_pending, storage, found, age)
