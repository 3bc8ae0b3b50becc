"""The files of a connection's transaction, which follow its outermost commit.

A session may be joined to a connection whose transaction somebody else ends, as test suites do: it
says that it has committed, and the rows are rolled back all the same. So it is the connection that
decides. Its savepoints decide over their own files.
"""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session

from s3_saver import FileTransaction, StoredFile

from ._field import Field
from ._namers import Namer, find_namers
from ._off_the_loop import off_the_loop
from ._rows import Identity, Location, NamedFile, find_by_key, find_shared

logger = logging.getLogger("sqlalchemy_s3_files")

KEY = "sqlalchemy_s3_files"


class ConnectionFiles:
    """What one transaction of a connection saves and deletes.

    :param is_joined: whether no session ends the transaction, but whoever opened the connection.
    """

    def __init__(self, connection: Connection, *, is_joined: bool) -> None:
        self.connection = ref(connection)
        self.engine = connection.engine
        self.schemas: Any = None
        self._namers: dict[tuple[Mapper[Any], Field], tuple[Namer, ...]] = {}
        self.is_joined = is_joined
        self.saved: list[NamedFile] = []
        self.deleted: list[NamedFile] = []
        self.early: list[NamedFile] = []
        # Files were stored early of which no column says whether rows name them.
        self.has_unknown = False
        self.is_committed = False
        self.has_session_committed = False
        # Without transactions there is no rollback: rows are asked in any case.
        self.is_commit_tried = self.is_autocommit = _is_autocommit(connection)
        self.has_commit_failed = False
        self.is_connection_lost = False
        self.is_over = False
        self._root = FileTransaction()
        self._savepoints: list[tuple[str, FileTransaction]] = []
        self._ended_savepoints: set[str] = set()

    @property
    def current(self) -> FileTransaction:
        """The files of the innermost savepoint."""
        return self._savepoints[-1][1] if self._savepoints else self._root

    def delete(
        self,
        files: FileTransaction,
        mapper: Mapper[Any],
        field: Field,
        identity: Identity | None,
        obsolete: Iterable[StoredFile],
        session: Session,
    ) -> None:
        """Let files go after the commit, which a row does not name any longer."""
        namers = self.namers_of(session, mapper, field) if field.shared else ()
        for file in obsolete:
            files.delete(file)
            self.deleted.append(NamedFile(mapper, field, file, identity, namers=namers))

    def note_early(
        self, mapper: Mapper[Any], field: Field, saved: Iterable[StoredFile], session: Session
    ) -> None:
        """Remember what was stored before a flush: its names may be other rows', too."""
        namers = self.namers_of(session, mapper, field)
        self.early += [NamedFile(mapper, field, file, None, namers=namers) for file in saved]

    def namers_of(self, session: Session, mapper: Mapper[Any], field: Field) -> tuple[Namer, ...]:
        """Return the attributes that may name the files of one, itself first."""
        found = self._namers.get((mapper, field))
        if found is None:
            found = find_namers(session, mapper, field, self.engine)
            self._namers[mapper, field] = found
        return found

    def begin_nested(self, name: str) -> None:
        self._savepoints.append((name, self.current.begin_nested()))

    def release(self, name: str) -> None:
        for files in self._take_savepoints(name):
            files.commit()

    def roll_back_nested(self, name: str) -> None:
        is_known = name in self._ended_savepoints or any(name == one for one, _ in self._savepoints)
        for files in self._take_savepoints(name):
            off_the_loop(files.rollback)
        if not is_known:  # it began before the first file was saved: all of them are in it
            off_the_loop(self._root.rollback)

    def _take_savepoints(self, name: str) -> list[FileTransaction]:
        """Remove a savepoint and those in it, which the database ends with it.

        :return: the innermost first; none if the savepoint has ended; all if it began before the
            first file was saved.
        """
        if name in self._ended_savepoints:
            return []
        taken = []
        is_last = False
        while self._savepoints and not is_last:
            ended, files = self._savepoints.pop()
            self._ended_savepoints.add(ended)
            taken.append(files)
            is_last = ended == name
        return taken

    def note_commit(self) -> None:
        """Remember that the transaction may be committed from now on."""
        self.is_commit_tried = True

    def note_rollback(self) -> None:
        self.is_commit_tried = self.is_autocommit
        if self.is_joined:  # else the session ends it, when the rows are unlocked
            self.end()

    @property
    def is_ended(self) -> bool:
        """Whether the connection's transaction is over."""
        connection = self.connection()
        return connection is None or connection.closed or not connection.in_transaction()

    def end(self) -> None:
        """Do to the files what the transaction has done to the rows."""
        if self.is_over:
            return
        self.is_over = True
        is_doubtful = self.has_commit_failed or self.is_autocommit or sys.exc_info()[0] is not None
        if self.is_joined and not is_doubtful:
            self.is_committed = self.is_commit_tried
        while self._savepoints and self.is_commit_tried:  # COMMIT has ended them too
            self._savepoints.pop()[1].commit()
        if not self.is_commit_tried:
            self._release_named()
            off_the_loop(self._root.rollback)
        elif self.saved or self.deleted or self.early or self.has_unknown:
            self._end_by_commit()

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """Yield another connection, which calls schemas as this one does."""
        with self.engine.connect() as connection:
            if self.schemas is not None:
                connection.execution_options(schema_translate_map=self.schemas)
            yield connection

    def _release_named(self) -> None:
        """Let files that were stored early stay, if other rows have come to name them."""
        # The connection of a joined session still sees its own rows; and a pool may have no other.
        is_known = not self.is_joined and self.connection() is not None
        if not self.early or not is_known:
            return
        try:
            with self._asking() as connection:
                named = self._find_shared(connection, self.early)
        except Exception:
            name = self.early[0].file.name
            logger.warning("not asked whether a row names %r", name, exc_info=True)
            return
        self._root.release(*(one.file for one in self.early if one.file.location in named))

    def _find_shared(self, connection: Connection, named: list[NamedFile]) -> set[Location]:
        """Ask the tables of all databases which of some files any row names."""
        found = find_shared(connection, named)
        engines = {
            namer.engine
            for one in named
            for namer in one.namers
            if namer.can_name(one.file, one.namers[0])
        }
        for engine in engines - {self.engine}:
            with engine.connect() as other:
                found |= find_shared(other, named)
        return found

    def _end_by_commit(self) -> None:
        shared = [one for one in self.deleted if one.field.shared]
        named: set[Location] = set()
        absent: set[Location] = set()
        if shared or not self.is_committed:
            try:
                with self._asking() as connection:
                    if not self.is_committed:
                        named, absent = find_by_key(connection, [*self.saved, *self.deleted])
                    by_others = self._find_shared(connection, shared)
            except Exception:
                logger.exception(
                    "no file of a transaction is deleted, since the database does not say which "
                    "ones rows name; find_orphans lists what is left over"
                )
                return
            if not self.is_committed and not self._has_gone_through(named):
                if self.has_unknown:
                    logger.error("every file of a failed commit stays: no column says who has them")
                    return
                if self.is_connection_lost and absent:
                    # The server may still be committing, and no lock would show it.
                    logger.error(
                        "the connection was lost during COMMIT: %d files stay, of rows that are "
                        "not there; find_orphans lists them",
                        len(absent),
                    )
                    return
                off_the_loop(self._root.rollback)
                return
            named |= by_others
        off_the_loop(
            lambda: self._root.commit(lambda files: [f for f in files if f.location in named])
        )

    def _has_gone_through(self, named: set[Location]) -> bool:
        if self.saved:
            return any(one.file.location in named for one in self.saved)
        replaced = [one for one in self.deleted if one.identity]
        if replaced:
            return any(one.file.location not in named for one in replaced)
        return self.has_session_committed


_tracked: WeakKeyDictionary[Connection, ConnectionFiles] = WeakKeyDictionary()


def files_of_connection(connection: Connection, *, is_joined: bool) -> ConnectionFiles:
    """Return the files of a connection's running transaction; the first call makes them."""
    files = _tracked.get(connection)
    if files is None or files.is_over:
        files = _tracked[connection] = ConnectionFiles(connection, is_joined=is_joined)
        connection.info[KEY] = files
    files.schemas = connection.get_execution_options().get("schema_translate_map")
    return files


def _is_autocommit(connection: Connection) -> bool:
    """Report whether each statement of a connection is committed by itself."""
    level = connection.get_execution_options().get("isolation_level")
    level = level or getattr(connection.dialect, "_on_connect_isolation_level", None)
    return level == "AUTOCOMMIT"


def running(connection: Connection | None) -> ConnectionFiles | None:
    """Return the files of a connection's transaction, if it has any and is not over."""
    files = _tracked.get(connection) if connection is not None else None
    return None if files is None or files.is_over else files
