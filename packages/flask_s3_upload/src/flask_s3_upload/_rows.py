"""What Uploads does for the rows of a database."""

from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage

from s3_saver import StoredFile

from ._arguments import check_callable, check_type
from ._extras import needs_sqlalchemy
from ._registered import DeclaredColumn, Model, Registered
from ._state import State
from .direct._upload import DEFAULT_PURPOSE

if TYPE_CHECKING:
    from sqlalchemy.orm import MappedColumn, Session

    from sqlalchemy_s3_files import FileRules


class RowUploads:
    """The part of :class:`Uploads` that is about rows: columns, and what commands ask of models."""

    _registered: Registered

    @property
    def _state(self) -> State:
        raise NotImplementedError

    def column(
        self,
        to: str,
        *,
        rules: "FileRules | None" = None,
        purpose: str | None = None,
        multiple: bool = False,
        shared: bool = False,
        **options: Any,
    ) -> "MappedColumn[Any]":
        """Return a mapped column of SQLAlchemy whose files follow its rows.

        .. code-block:: python

            image: Mapped[StoredFile | None] = uploads.column("pictures/", rules=PICTURES)

        What is assigned is checked, then stored by the flush; the file that it replaces is deleted
        after the commit. It takes files of requests, streams, stored files, and with *purpose* the
        tokens of direct uploads. An empty upload changes nothing; None deletes the file.

        Needs the extra ``sqlalchemy``. See :class:`sqlalchemy_s3_files.FileType`.

        :param to: the folder of new files, such as ``'pictures/'``. Keep no others in it: ``flask
            uploads prune`` deletes what no row names there.
        :param rules: what is accepted; anything, by default.
        :param purpose: of direct uploads into this column, which :meth:`allow_direct` allows,
            before or after that. Its rules are those of the column. If it is allowed nowhere, the
            app's requests fail by a ConfigError, and ``flask uploads check`` reports it.
        :param multiple: whether the value is a list: ``Mapped[list[StoredFile]]``.
        :param shared: whether several rows may name one file.
        :param options: those of :func:`sqlalchemy.orm.mapped_column`.
        :raises s3_saver.ArgumentError: *to* is empty, or a folder of the extension's own; or both
            *rules* and *purpose* are passed.
        :raises ConfigError: the extra is not installed.
        """
        with needs_sqlalchemy("uploads.column"):
            from .columns._column import make_column
        column = make_column(
            lambda: self._state,
            to,
            rules=rules,
            purpose=purpose,
            multiple=multiple,
            shared=shared,
            **options,
        )
        self._registered.columns.add(DeclaredColumn(f"{to.removesuffix('/')}/", purpose))
        return column

    def accept(
        self,
        value: FileStorage | IO[bytes] | StoredFile | str | None,
        *,
        purpose: str = DEFAULT_PURPOSE,
        user: object = None,
        filename: str | None = None,
    ) -> StoredFile | None:
        """Return a file that can be assigned to a column, and that type checkers take.

        The column's rules check it when it is assigned; the flush stores it.

        :param value: a file of a request, a binary stream, the token of a direct upload, a stored
            file; None, which deletes the row's file; or an empty upload, which changes nothing.
        :param purpose: what a token must be for, as in :meth:`claim`.
        :param user: the id of the user whose upload it must be; by default, the current one's.
        :param filename: what a stream is called; by default its own name, if it has one.
        :raises ClaimError: a token cannot be claimed, as in :meth:`claim`. A rollback lets it be
            used again.
        :raises untrusted_files.RejectedError: a direct upload breaks the rules of its purpose.
        :raises s3_saver.ArgumentError: *value* is a token outside of a request, without *user*; or
            *filename* is passed, and it is no stream.
        :raises ConfigError: the extra ``sqlalchemy`` is not installed.
        """
        with needs_sqlalchemy("uploads.accept"):
            from .columns._accept import accept
        return accept(self._state, value, purpose, user, filename)

    def register_model(
        self,
        name: str,
        objects: Callable[[], Iterable[Any]],
        field: str,
        *,
        commit: Callable[[Any], object],
    ) -> None:
        """Let ``flask uploads migrate`` move the files that objects hold without a column of
        :meth:`column`, and ``flask uploads prune`` leave them.

        :param name: for messages, such as ``'pictures'``.
        :param objects: returns all of them; called in an app context.
        :param field: the attribute that holds a StoredFile, or what its ``to_dict()`` returned, or
            nothing. It is set to a value of the same kind.
        :param commit: called with each object after that; it must make the change permanent.
        :raises ConfigError: another model has that name. A factory may register it again for each
            of its apps.
        """
        check_type("name", name, str, "a str such as 'pictures'")
        check_callable("objects", objects, "a function that returns all objects")
        check_type("field", field, str, "the name of an attribute")
        check_callable("commit", commit, "a function that takes an object and commits it")
        self._registered.add_model(name, Model(objects, field, commit))

    def register_session(self, find_session: "Callable[[], Session]") -> None:
        """Let the commands ``flask uploads prune`` and ``migrate`` find the rows of columns.

        An app that has Flask-SQLAlchemy or Flask-SQLAlchemy-Lite need not call it.

        :param find_session: returns a session of SQLAlchemy, in an app context:
            ``lambda: Session(engine)``.
        """
        check_callable("find_session", find_session, "a function that returns a session")
        self._registered.find_session = find_session
