"""Which fields of a session's objects may name other files than their rows, and what these name."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, Session

from s3_saver import StoredFile

from ._early import fields_for
from ._field import Field, State
from ._rows import Identity, lock_and_read
from ._sessions import connection_of


class Change(NamedTuple):
    """A field of an object that may name other files than its row."""

    state: State
    mapper: Mapper[Any]
    field: Field


def changed(session: Session) -> Iterator[Change]:
    """Yield the fields of a session's objects that may name other files than their rows."""
    for obj in (*session.new, *session.dirty):
        state: State = inspect(obj)
        for field in fields_for(state):
            if state.key is None or is_changed(state, field):
                yield Change(state, state.mapper, field)


def is_changed(state: State, field: Field) -> bool:
    return any(
        key in state.committed_state and state.attrs[key].history.has_changes()
        for key in field.keys
    )


def read_changed(
    session: Session, changes: Iterable[Change]
) -> dict[tuple[State, Field], list[StoredFile]]:
    """Lock the rows of changes, and return what files their fields name there."""
    by_mapper: dict[Mapper[Any], dict[tuple[Field, ...], dict[Identity, State]]] = {}
    for change in changes:
        identity = change.state.identity
        if identity is not None:
            groups = by_mapper.setdefault(change.mapper, {})
            states = groups.setdefault(tuple(fields_for(change.state)), {})
            states[tuple(identity)] = change.state
    found: dict[tuple[State, Field], list[StoredFile]] = {}
    for mapper, groups in by_mapper.items():
        connection = connection_of(session, mapper)
        is_locked = len(groups) > 1
        if is_locked:  # all rows at once: their order guards against deadlocks
            every = [identity for states in groups.values() for identity in states]
            deque(lock_and_read(connection, mapper, every, []), maxlen=0)
        for fields, states in groups.items():
            # A database may know a key as another type than the program: '5' as 5.
            as_text = {tuple(map(str, identity)): state for identity, state in states.items()}
            rows = lock_and_read(connection, mapper, states, fields, lock=not is_locked)
            is_known = True
            for identity, field, files in rows:
                state = states.get(identity) or as_text.get(tuple(map(str, identity)))
                is_known = is_known and state is not None
                if state is not None:
                    found[state, field] = files
            if is_known:
                continue
            # It writes keys its own way: CHAR is padded, a UUID gets hyphens. Each is asked for.
            for identity, state in states.items():
                if (state, fields[0]) not in found:
                    own = lock_and_read(connection, mapper, [identity], fields)
                    found.update({(state, field): files for _, field, files in own})
    return found
