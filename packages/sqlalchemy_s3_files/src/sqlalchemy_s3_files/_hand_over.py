"""For who stores files before the flush, such as a form that fills an object."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import flag_modified

from s3_saver import FileTransaction, StoredFile

from ._early import Early, forget, note
from ._field import Field, State
from ._namers import by_table, find_namers
from ._rows import names_one_of, read_rows
from ._sessions import connection_of, files_of_session

_KEY = "sqlalchemy_s3_files.no_session_yet"


def hand_over(
    obj: Any,
    field: Field,
    files: FileTransaction,
    saved: Sequence[StoredFile],
    *,
    session: Session | None = None,
) -> None:
    """Let files that are stored already follow the row of an object.

    .. code-block:: python

        files = FileTransaction(storages)
        stored = files.save("cats/tom.jpg", stream, overwrite=True)
        cat.photo = stored.name
        hand_over(cat, field, files, [stored])

    From now on the transaction decides over them in which the object's session is, and its
    savepoints: a rollback deletes what was saved; after the commit what waits for its name gets
    it, and what the row named before is deleted. An object that is in no session yet keeps them
    until it is added to one.

    :param obj: a mapped object, which names the new files already.
    :param field: the attribute; :func:`follow_fields` need not know it.
    :param files: what has saved them, and may delete others. It is empty afterwards.
    :param saved: what was saved that the row is to name.
    :param session: whose transaction decides if *obj* is in no session: it is to be added to this
        one.
    """
    state: State = inspect(obj)
    early = Early(field, files, tuple(saved))
    session = object_session(obj) or session
    if session is None:
        state.info.setdefault(_KEY, []).append(early)
    else:
        _take_over(session, state, early)


def _take_over(session: Session, state: State, early: Early) -> None:
    owner = files_of_session(session, state.mapper)
    files = owner.current
    files.take_over(early.files)
    if not all(key in state.mapper.column_attrs for key in early.field.keys):
        owner.has_unknown = True
        return
    owner.note_early(state.mapper, early.field, early.saved, session)
    note(state, early)
    files.after_rollback(partial(forget, state, early))
    if state.key is not None and early.field.key in state.dict:
        # A row that keeps its name is written, too: another may have changed it meanwhile.
        flag_modified(state.obj(), early.field.key)


@event.listens_for(Session, "after_attach")
def _after_attach(session: Session, obj: object) -> None:
    state: State = inspect(obj)
    for early in state.info.pop(_KEY, ()):
        _take_over(session, state, early)


def is_named_by_others(
    obj: object, field: Field, file: StoredFile, *, session: Session | None = None
) -> bool:
    """Ask the tables whether another row than the object's own names a file, or another attribute
    of a class that was declared with the object's.

    Before a file is stored under the name of another one: who passes ``overwrite=True`` to
    :meth:`s3_saver.FileTransaction.save` would change what that row shows.

    :param session: what to ask if *obj* is in no session. Without it, the answer is no.
    """
    state: State = inspect(obj)
    session = object_session(obj) or session
    if session is None or not all(key in state.mapper.column_attrs for key in field.keys):
        return False
    own = tuple(state.identity or ())
    engine = connection_of(session, state.mapper).engine
    namers = find_namers(session, state.mapper, field, engine)
    for namer, names in by_table([(file, namers)]):
        mapper = namer.mapper
        condition = names_one_of(mapper, namer.field, list(names))
        connection = connection_of(session, mapper)
        for identity, _, files in read_rows(
            connection, mapper, [namer.field], condition, lock=False
        ):
            is_own = namer is namers[0] and identity == own
            if not is_own and file.location in {one.location for one in files}:
                return True
    return False
