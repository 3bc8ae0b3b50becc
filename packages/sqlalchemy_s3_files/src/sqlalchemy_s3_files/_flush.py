"""Files that follow their rows.

Wherever the change comes from, a view, an admin, a script or a task: the new file is stored by the
flush, before the commit; the old file is deleted after the outermost commit of the *connection*,
never at a savepoint's. A rollback, the rollback of a savepoint and a crash leave the old file and
the old row. A commit whose answer is lost deletes nothing that a row names: the rows are asked by
their primary keys. A file that another row names stays: names are unique, so that a file is one
row's; where columns are ``shared`` the table is asked, and who names a file locks a row that does.
Two requests that replace one row's file leave one: each reads the row again under its lock. An
empty upload changes nothing; only None deletes.

What may be left over is a file that no row names, which ``find_orphans`` lists: of lost connections
and killed processes, and of what no flush sees: ON DELETE CASCADE, triggers, core statements, bulk
updates and upserts to NULL, and None that a listener of before_update sets.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session, UOWTransaction, object_session

from s3_saver import FileTransaction, StoredFile

from ._changes import Change, changed, read_changed
from ._connections import ConnectionFiles
from ._early import Early, early_of, fields_for, forget
from ._field import State
from ._fields import fields_of
from ._namers import Namer
from ._new_file import NewFile
from ._off_the_loop import off_the_loop
from ._rows import Identity, NamedFile, lock_and_read
from ._sessions import connection_of, files_of_session
from ._sharers import keep_shared

_FLUSH = "sqlalchemy_s3_files.flush"


class Flush:
    """What one flush does to files.

    :param gone: objects whose rows are deleted; the cascades of the flush find more of them.
    """

    def __init__(self, session: Session, context: UOWTransaction | None = None) -> None:
        self.session = session
        self.context = context
        self.gone: set[State] = set()
        self.inserted: list[tuple[ConnectionFiles, Change, StoredFile]] = []
        self.written: list[NewFile] = []
        self.adopted: list[tuple[State, Early]] = []
        self.obsolete: list[tuple[Change, list[StoredFile]]] = []
        self._files: dict[ConnectionFiles, FileTransaction] = {}

    def run(self) -> None:
        """Store what is new, lock and read the rows, and note what they name no longer."""
        changes = list(changed(self.session))
        deleted = list(self.session.deleted)
        try:
            self._store([(change, change.field.waiting(change.state)) for change in changes])
            self._replace(changes)
            self._delete([inspect(obj) for obj in deleted])
        except BaseException:
            for files in self._files.values():
                off_the_loop(files.rollback)
            self.inserted.clear()
            self.end()
            raise
        self._hand_over()
        for change in changes:
            self._write(change.field.now(change.state))

    def delete_late(self, states: list[State]) -> None:
        """Let the files of rows go that the flush itself has found, by its cascades."""
        self._delete(states)
        self._hand_over()

    def _hand_over(self) -> None:
        for files in self._files.values():
            files.commit()
        self._files.clear()

    def _store(self, work: list[tuple[Change, list[NewFile]]]) -> None:
        """Store files, all of them in one go, and note which rows name them."""
        calls: list[Callable[[], None]] = []
        notes: list[tuple[ConnectionFiles, Change, NewFile]] = []
        for change, news in work:
            if not news:
                continue
            owner, files = self._open(change.mapper)
            storages = change.field.storages()
            for new in news:
                calls.append(_storing(new, files, storages, change.state))
                notes.append((owner, change, new))
        if calls:
            off_the_loop(lambda: [call() for call in calls])
        self.inserted += notes
        self._write(file for _, _, file in notes)

    def _write(self, files: Iterable[StoredFile]) -> None:
        for file in files:
            if isinstance(file, NewFile):
                file.progress.is_being_written = True
                self.written.append(file)

    def go_on_with(self, failed: "Flush") -> None:
        """Take over what an earlier flush has stored, of which a later listener has failed."""
        self.inserted += failed.inserted
        self.written += failed.written

    def _replace(self, changes: list[Change]) -> None:
        rows = read_changed(self.session, (one for one in changes if one.state.key is not None))
        copies = []
        for change in changes:
            row = rows.get((change.state, change.field), [])
            copies.append((change, change.field.settle(change.state, row)))
        self._store(copies)
        for change in changes:
            self._adopt(change, rows.get((change.state, change.field), []))
        stored = {file.location for _, _, file in self.inserted}
        adopted = []
        for change in (change for change in changes if change.field.shared):
            row = rows.get((change.state, change.field), [])
            own = stored | {file.location for file in row}
            now = change.field.now(change.state)
            adopted += [(change, file) for file in now if file.location not in own]
        with_namers = [(file, self._namers(change)) for change, file in adopted]
        keep_shared(with_namers, lambda mapper: connection_of(self.session, mapper))
        for change in changes:
            row = rows.get((change.state, change.field), [])
            named = {file.location for file in change.field.now(change.state)}
            gone = self._unspared(change, [file for file in row if file.location not in named])
            self._let_go(change, gone, change.state.identity)

    def _adopt(self, change: Change, row: list[StoredFile]) -> None:
        """Note which of the files that were stored early a row is to name; others go."""
        named = {file.location for file in change.field.now(change.state)}
        before = {file.location for file in row}
        for early in early_of(change.state, change.field):
            owner, _ = self._open(change.mapper)
            left_over = [file for file in early.saved if file.location not in named]
            self._let_go(change, left_over)
            # A name that the row had before says nothing of whether the commit has gone through.
            new = [file for file in early.saved if file.location in named - before]
            self.inserted += [(owner, change, file) for file in new]
            self.adopted.append((change.state, early))

    def _delete(self, states: list[State]) -> None:
        fresh = [state for state in states if state not in self.gone]
        gone = [
            Change(state, state.mapper, field)
            for state in fresh
            if state.key is not None
            for field in fields_for(state)
            if field.deletes_with_row
        ]
        for state in fresh:
            for early in early_of(state):
                self._let_go(Change(state, state.mapper, early.field), early.saved)
                self.adopted.append((state, early))
        self.gone.update(states)
        rows = read_changed(self.session, gone)
        # An orphan may have been changed, too: what was stored for it has no row either.
        for _, change, file in self.inserted:
            if change.state in self.gone:
                self._let_go(change, [file])
        self.inserted = [one for one in self.inserted if one[1].state not in self.gone]
        # Its object is asked now: no flush can load it when its row is gone.
        self.obsolete += [
            (one, self._unspared(one, rows.get((one.state, one.field), []))) for one in gone
        ]

    def _delete_obsolete(self) -> None:
        """Let the files of deleted rows go. A new object with the key of a deleted one takes its
        row over, by an UPDATE: the row still names what that does not set.
        """
        new = (inspect(obj) for obj in self.session.new) if self.obsolete else ()
        keys = {one.mapper.identity_key_from_instance(one.obj()) for one in new}
        for change, files in self.obsolete:
            named: set[tuple[str, str, str]] = set()
            if files and change.state.key in keys:
                connection = connection_of(self.session, change.mapper)
                key = tuple(change.state.identity or ())
                rows = lock_and_read(connection, change.mapper, [key], [change.field], lock=False)
                named = {file.location for _, _, found in rows for file in found}
            gone = [file for file in files if file.location not in named]
            self._let_go(change, gone, change.state.identity)
        self.obsolete.clear()
        self._hand_over()

    def _unspared(self, change: Change, files: list[StoredFile]) -> list[StoredFile]:
        obj = change.state.obj()
        if not files or not change.field.spares_some or obj is None:
            return files
        spared = {file.location for file in change.field.spared(obj, files)}
        return [file for file in files if file.location not in spared]

    def _let_go(
        self, change: Change, files: Sequence[StoredFile], identity: Identity | None = None
    ) -> None:
        """Let files be deleted after the commit; without *identity*, no row has named them."""
        if files:
            owner, ours = self._open(change.mapper)
            owner.delete(ours, change.mapper, change.field, identity, files, self.session)

    def _namers(self, one: Change) -> tuple[Namer, ...]:
        return self._open(one.mapper)[0].namers_of(self.session, one.mapper, one.field)

    def _open(self, mapper: Mapper[Any]) -> tuple[ConnectionFiles, FileTransaction]:
        """Return the files of the mapper's connection, and those of this flush in it."""
        owner = files_of_session(self.session, mapper)
        if owner not in self._files:
            self._files[owner] = owner.current.begin_nested()
        return owner, self._files[owner]

    def close(self) -> None:
        """Note the primary keys of the rows that name what was stored: they are known now."""
        for owner, change, file in self.inserted:
            obj = change.state.obj()
            if obj is not None:
                identity = tuple(change.mapper.primary_key_from_instance(obj))
                is_new = change.state.key is None
                owner.saved.append(NamedFile(change.mapper, change.field, file, identity, is_new))
        self.inserted.clear()
        for state, early in self.adopted:
            forget(state, early)
        self._delete_obsolete()
        self.end()

    def end(self) -> None:
        """Let nothing but the next flush write these files: they are these rows'."""
        for file in self.written:
            file.progress.is_being_written = False
        self.written.clear()


def _storing(
    new: NewFile, files: FileTransaction, storages: Any, row: object
) -> Callable[[], None]:
    return lambda: None if new.is_stored else new.save_in(files, storages, row)


@event.listens_for(Session, "after_attach")
def _after_attach(_: Session, obj: object) -> None:
    state: State = inspect(obj)
    for field in fields_of(state.mapper):
        field.bind(state)


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, context: UOWTransaction, _: object) -> None:
    failed: Flush | None = session.info.get(_FLUSH)
    flush = session.info[_FLUSH] = Flush(session, context)
    if failed is not None:
        flush.go_on_with(failed)
    flush.run()


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _: UOWTransaction) -> None:
    flush: Flush | None = session.info.pop(_FLUSH, None)
    if flush is not None:
        flush.close()


@event.listens_for(Session, "after_soft_rollback")
def _end_failed_flush(session: Session, *_: object) -> None:
    flush: Flush | None = session.info.pop(_FLUSH, None)
    if flush is not None:
        flush.end()


@event.listens_for(Mapper, "before_insert")
def _before_insert(mapper: Mapper[Any], _: Connection, obj: object) -> None:
    """Read the row of an orphan that a new object takes over: the flush does not delete it."""
    session = object_session(obj)
    flush: Flush | None = None if session is None else session.info.get(_FLUSH)
    if session is not None and flush is not None and fields_of(mapper):
        old = session.identity_map.get(mapper.identity_key_from_instance(obj))
        if old is not None and inspect(old) not in flush.gone:
            flush.delete_late([inspect(old)])


@event.listens_for(Mapper, "before_delete")
def _before_delete(mapper: Mapper[Any], _: Connection, obj: object) -> None:
    """Read the rows that only the flush's own cascades have found, as orphans are: all at once."""
    session = object_session(obj)
    state: State = inspect(obj)
    if session is None or not fields_for(state):
        return
    flush: Flush | None = session.info.get(_FLUSH)
    if flush is None or state in flush.gone:
        return
    found = getattr(flush.context, "states", {})
    also = [
        other for other, (is_delete, _) in found.items() if is_delete and other.mapper is mapper
    ]
    flush.delete_late([state, *also])
