"""The extension."""

import secrets
from collections.abc import Callable, Iterable
from typing import IO, Any

from flask import Flask, session
from werkzeug.datastructures import FileStorage

from s3_saver import AlreadyExistsError
from untrusted_files import UNKNOWN_TYPE, Rules, clean_filename, extension_of, measure

from ._background import Background
from ._checks import check_callable, check_file, check_purpose, check_to, check_type, id_of_user
from ._claim import claim, verify
from ._cli import commands
from ._direct import DEFAULT_PURPOSE, Direct, DirectUpload, Purpose
from ._migrate import Model
from ._names import candidates, place, with_id
from ._places import Places, put, stored_in
from ._routes import make_blueprint
from ._settings import Settings
from ._state import State, check_app, current_state
from ._stored import StoredFile
from .exceptions import NoFileError

_SESSION_KEY = "_uploads_user"
_ANYTHING = Rules()


class Uploads:
    """From a request's file to a stored file to its URL, on disk or on S3.

    What a deployment chooses is in ``app.config``, in keys that begin with ``UPLOADS_``; see the
    README. What code chooses is here.

    :param app: the app; or call :meth:`init_app` later.
    :param user: gives the id of the current user, to whom direct uploads are bound. Without it, or
        if it gives ``None``, they are bound to the browser, by a random id in Flask's session.
    :param on_sent: called with the StoredFile when a background upload is in its storage. It runs
        in an app context, in a thread of the extension.
    :param on_failed: called likewise, with the error too, when it could not be sent.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        user: Callable[[], object] | None = None,
        on_sent: Callable[[StoredFile], object] | None = None,
        on_failed: Callable[[StoredFile, Exception], object] | None = None,
    ) -> None:
        for argument, hook in {"user": user, "on_sent": on_sent, "on_failed": on_failed}.items():
            if hook is not None:
                check_callable(argument, hook, "a function, such as a lambda")
        self._user = user
        self._on_sent = on_sent
        self._on_failed = on_failed
        self._purposes: dict[str, Purpose] = {}
        self.models: dict[str, Model] = {}
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Set an app up: read its settings, and add routes and commands.

        :raises ConfigError: a setting is wrong, or the app has the extension already.
        """
        check_app(app)
        settings = Settings.read(app.config, app.instance_path)
        places = Places(app, settings)
        places.check()
        background = Background(app, places, self._on_sent, self._on_failed)
        State(self, places, Direct(places, self._purposes), background).attach(app)
        app.register_blueprint(make_blueprint(settings.url_prefix))
        app.cli.add_command(commands)
        app.before_request(background.resume)

    def save(
        self,
        file: FileStorage | IO[bytes],
        to: str = "",
        *,
        rules: Rules = _ANYTHING,
        overwrite: bool = False,
        background: bool = False,
    ) -> StoredFile:
        """Store a file of a request.

        :param file: as ``request.files`` has it; or any seekable binary stream. It is left open.
        :param to: a folder such as ``'avatars/'``, below which the file gets its own name, cleaned;
            or, without a slash at its end, the whole name.
        :param rules: what is accepted; anything, by default.
        :param overwrite: whether to replace a file of that name. If not, this one gets a short id,
            decided without a race.
        :param background: return when the file is safe on the local disk, and send it to S3 after
            that. Its name always has an id then; until :meth:`StoredFile.ready` its URL leads
            nowhere. On local storage there is nothing to wait for.
        :raises untrusted_files.RejectedError: the file breaks a rule, or none was chosen.
        :raises ValueError: both *overwrite* and *background* are asked for.
        :raises s3_saver.S3SaverError: the storage cannot take it.
        """
        check_to(to)
        check_type("rules", rules, Rules, "Rules(…)")
        if overwrite and background:
            raise ValueError("pass overwrite or background, not both: one of two may come last")
        stream, filename = _opened(file)
        name = place(to, filename)
        # A whole name need not have an extension: then the file's own says what it should be.
        checked = rules.check(stream, name if extension_of(name) else filename)
        size, content_type = checked.size, checked.content_type
        state = current_state()
        storage = state.places.storage
        if background and stored_in(storage)["storage_type"]:
            stored = StoredFile(with_id(name), size, content_type, **stored_in(storage))
            state.background.add(stored, stream)
            return stored
        name = _save(storage, name, stream, content_type, overwrite=overwrite)
        stored = StoredFile(name, size, content_type, **stored_in(storage))
        if background:
            state.background.sent(stored)
        return stored

    def allow_direct(
        self,
        purpose: str = DEFAULT_PURPOSE,
        *,
        rules: Rules,
        authorize: Callable[[DirectUpload], bool],
    ) -> None:
        """Let browsers upload for a purpose without passing through a view of yours.

        :param purpose: such as ``'avatar'``: a token holds for one only.
        :param rules: what is accepted; they must have ``max_bytes``.
        :param authorize: asked at each signing, in the request's context, whether this user may
            send this :class:`DirectUpload`.
        :raises ValueError: the rules have no ``max_bytes``.
        """
        check_purpose(purpose)
        check_type("rules", rules, Rules, "Rules(max_bytes=…)")
        check_callable(
            "authorize",
            authorize,
            "a function that is given the DirectUpload and tells whether this user may send it",
        )
        if rules.max_bytes is None:
            raise ValueError(
                f"rules for {purpose!r} have no max_bytes: without a limit anybody could fill the"
                " storage; pass Rules(max_bytes=…)"
            )
        self._purposes[purpose] = Purpose(rules, authorize)

    def verify(
        self, token: str, *, purpose: str = DEFAULT_PURPOSE, user: object = None
    ) -> DirectUpload:
        """Check all that :meth:`claim` does, but leave the upload where it is: for forms, that may
        be shown again because of another field.

        :raises ClaimError: as :meth:`claim`; likewise untrusted_files.RejectedError.
        """
        direct = current_state().direct
        upload = direct.read(token, purpose, self._id_of(user))
        verify(direct, upload)
        return upload

    def claim(
        self, token: str, to: str = "", *, purpose: str = DEFAULT_PURPOSE, user: object = None
    ) -> StoredFile:
        """Make a direct upload a stored file like any other.

        Signature, purpose, user, age, presence, size and the bytes' real type are checked; then it
        is moved to its name, on S3 by S3 itself.

        :param to: as in :meth:`save`.
        :param user: the id of the user whose upload it must be; by default, the current one's.
        :raises ClaimError: the token is not valid, expired, another's or used; or the bytes are not
            there.
        :raises untrusted_files.RejectedError: the bytes break a rule. They stay until they are
            pruned.
        """
        (stored,) = self.claim_all([token], to, purpose=purpose, user=user)
        return stored

    def claim_all(
        self,
        tokens: Iterable[str],
        to: str = "",
        *,
        purpose: str = DEFAULT_PURPOSE,
        user: object = None,
    ) -> list[StoredFile]:
        """Claim the uploads of one form: all of them, or none.

        :param tokens: of each upload; what else, as in :meth:`claim`.
        :raises ClaimError: of the first that cannot be claimed; likewise
            untrusted_files.RejectedError. Nothing is stored then, and the tokens of the others can
            be claimed as before.
        """
        check_to(to)
        if isinstance(tokens, str):
            raise TypeError(f"tokens must be a list of them, got {tokens!r}: use claim for one")
        direct, user_id = current_state().direct, self._id_of(user)
        return claim(direct, [direct.read(token, purpose, user_id) for token in tokens], to)

    def hold(
        self, file: FileStorage | IO[bytes], *, purpose: str = DEFAULT_PURPOSE, user: object = None
    ) -> str:
        """Give a token for a file that came by an ordinary form post, as if the browser had sent it
        directly.

        :raises untrusted_files.RejectedError: the file breaks a rule of its purpose, or none was
            chosen.
        """
        stream, filename = _opened(file)
        upload = DirectUpload(purpose, clean_filename(filename), 0, UNKNOWN_TYPE, self._id_of(user))
        return current_state().direct.hold(upload, stream)

    def register_model(
        self,
        name: str,
        objects: Callable[[], Iterable[Any]],
        field: str,
        *,
        commit: Callable[[Any], object],
    ) -> None:
        """Tell ``flask uploads migrate`` of objects that hold stored files.

        :param name: for messages, such as ``'pictures'``.
        :param objects: gives all of them, in an app context.
        :param field: the attribute that holds a StoredFile, or what its ``to_dict()`` gave, or
            nothing. It is set to the same kind again.
        :param commit: called with each object after that; it must make the change last.
        """
        check_type("name", name, str, "a str such as 'pictures'")
        check_callable("objects", objects, "a function that gives all objects")
        check_type("field", field, str, "the name of an attribute")
        check_callable("commit", commit, "a function that is given an object and commits it")
        self.models[name] = Model(objects, field, commit)

    def user_id(self) -> str:
        """Give the id of the current user, or of the current browser."""
        if self._user and (found := self._user()) is not None:
            return id_of_user(found)
        if _SESSION_KEY not in session:
            session[_SESSION_KEY] = secrets.token_urlsafe(16)
        return f"browser:{session[_SESSION_KEY]}"

    def _id_of(self, user: object) -> str:
        return self.user_id() if user is None else id_of_user(user)


def upload(file: FileStorage | IO[bytes], key: str) -> str:
    """Store a file under *key* and give its absolute URL, like Open Event's function of that name.

    On S3 when ``BUCKET_NAME``, ``AWS_KEY`` and ``AWS_SECRET`` were in the environment when the app
    was made, or its settings name a bucket; on disk otherwise. What the key held is replaced.
    """
    return current_state().uploads.save(file, key, overwrite=True).url


def _opened(file: FileStorage | IO[bytes]) -> tuple[IO[bytes], str]:
    if not isinstance(file, FileStorage):
        check_file(file)
        return file, str(getattr(file, "name", ""))
    check_file(file.stream)
    if not file.filename and not measure(file.stream):
        raise NoFileError("No file was chosen.")
    return file.stream, file.filename or ""


def _save(storage: Any, name: str, stream: IO[bytes], content_type: str, *, overwrite: bool) -> str:
    if overwrite:
        put(storage, name, stream, content_type, overwrite=True)
        return name
    for candidate in candidates(name):
        try:
            put(storage, candidate, stream, content_type, overwrite=False)
        except AlreadyExistsError as error:
            taken = error
        else:
            return candidate
    raise taken
