"""The extension."""

from collections.abc import Callable, Iterable
from typing import IO, Unpack, cast

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from s3_saver import NotFoundError, ObjectOptions, Storage, Storages, StoredFile
from untrusted_files import Rules

from ._arguments import check_to
from ._find import get
from ._options import Options
from ._registered import Registered
from ._rows import RowUploads
from ._save import save
from ._setup import set_up
from ._state import State, current_state
from ._store import Store
from ._user import CurrentUser
from .background._queue import Queue
from .direct._browser import hold
from .direct._claim import claim, verify
from .direct._purposes import Purposes
from .direct._upload import DEFAULT_PURPOSE, DirectUpload
from .exceptions import ConfigError
from .serving._cookies import set_cookies

_ANYTHING = Rules()


class Uploads(RowUploads):
    """From a request's file to a stored file to its URL, on disk or on S3.

    What a deployment chooses is in ``app.config``, in keys that begin with ``UPLOADS_``; see the
    README. What code chooses is here.

    :param app: the app; or call :meth:`init_app` later.
    :param store: a name, such as ``'invoices'``, where an app has several of these, each with
        settings, files, routes and signatures of its own. Its keys begin with it in place of
        ``UPLOADS``: ``INVOICES_PRIVATE``. Its files know it as :attr:`StoredFile.store`.
    :param user: returns the id of the current user, to whom direct uploads are bound. Without it,
        or if it returns ``None``, to the browser, by a random id in Flask's session.
    :param on_sent: called with the StoredFile when a background upload is in its storage. It runs
        in an app context, in a thread of the extension.
    :param on_failed: called likewise, with the error too, when it could not be sent.
    :param authorize_read: asked with the StoredFile, in the request's context, whether the visitor
        may read it by its :attr:`~StoredFile.permanent_url`. Without it, who has that URL may.
    :param storage: where new files go in place of the folder, such as one of your own, or in tests
        s3_saver's ``MemoryStorage()``. Browsers send files to it through the app.
    :param url: returns the absolute URL of a file in *storage*. Without it, the app sends them.
    :param queue: sends the files of the background, such as :class:`CeleryQueue`. Without it,
        threads of the extension do.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        store: str = "",
        user: Callable[[], object] | None = None,
        on_sent: Callable[[StoredFile], object] | None = None,
        on_failed: Callable[[StoredFile, Exception], object] | None = None,
        authorize_read: Callable[[StoredFile], bool] | None = None,
        storage: Storage | None = None,
        url: Callable[[StoredFile], str] | None = None,
        queue: Queue | None = None,
    ) -> None:
        self._store = Store(store)
        self._options = Options(
            user=user,
            on_sent=on_sent,
            on_failed=on_failed,
            authorize_read=authorize_read,
            storage=storage,
            url=url,
            queue=queue,
        )
        self._user = CurrentUser(user)
        self._purposes = Purposes()
        self._registered = Registered()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Set an app up: read its settings, and add routes and commands.

        :raises ConfigError: a setting is wrong, or the app has the extension already.
        """
        set_up(app, self._store, self._options, self._user, self._purposes, self._registered)

    @property
    def _state(self) -> State:
        state = current_state(self._store.name)
        if state.user is not self._user:
            raise ConfigError("this app has other Uploads than these: call init_app of these")
        return state

    @property
    def storages(self) -> Storages:
        """The storages of the current app, which open, delete and show its stored files.

        It looks the app up when it is used, so that it can be passed on before there is one::

            StoredFile.from_dict(row.file).bind(uploads.storages)
        """
        return cast("Storages", LocalProxy(lambda: self._state.storages))

    def save(
        self,
        file: FileStorage | IO[bytes],
        to: str = "",
        *,
        rules: Rules = _ANYTHING,
        overwrite: bool = False,
        background: bool = False,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        """Store a file of a request.

        :param file: as ``request.files`` has it; or any seekable binary stream. It is left open.
        :param to: a folder such as ``'avatars/'``, below which the file gets its own name, cleaned;
            or, without a slash at its end, the whole name.
        :param rules: what is accepted; anything, by default.
        :param overwrite: whether to replace a file of that name. If not, this one gets an id,
            decided without a race.
        :param background: return when the file is safe on the local disk, and send it to S3 after
            that. Its name always has an id then; until :meth:`StoredFile.exists` its URL leads
            nowhere. On local storage there is nothing to wait for.
        :param options: how it is kept on S3, over what the settings say: ``cache_control``,
            ``storage_class``, ``server_side_encryption``, ``kms_key_id``, ``tags``,
            ``extra_args``.
        :raises untrusted_files.RejectedError: the file breaks a rule, or none was chosen.
        :raises ValueError: both *overwrite* and *background* are asked for; or *overwrite* for a
            name that a column has made.
        :raises s3_saver.S3SaverError: the storage cannot take it.
        """
        return save(
            self._state,
            file,
            to,
            rules=rules,
            overwrite=overwrite,
            background=background,
            **options,
        )

    def get(self, name: str) -> StoredFile:
        """Return the stored file of that name, bound.

        It is looked for where new files go, then where files were before a switch of storage.
        Whoever may read it, may read all that is stored: do not pass a visitor's names.

        :param name: below the folder or the prefix, as :attr:`StoredFile.name` has it.
        :raises s3_saver.NotFoundError: there is none, or it is an upload that nobody has claimed.
        """
        return get(self._state, name)

    def exists(self, name: str) -> bool:
        """Report whether :meth:`get` returns a file."""
        try:
            self.get(name)
        except NotFoundError:
            return False
        return True

    def set_cookies(self, response: Response, folder: str, *, domain: str | None = None) -> None:
        """Let a response set cookies by which the browser reads all private files of a folder, such
        as the segments of a film, for ``UPLOADS_URL_EXPIRES`` seconds.

        On S3 they are CloudFront's, for the bucket of new files. On disk the app's own route takes
        one. Public files need none.

        :param folder: with its slash, such as ``'films/42/'``.
        :param domain: what the app's host and the CDN's have in common, such as ``'example.com'``;
            needed on S3 unless both have one host.
        :raises s3_saver.ArgumentError: *folder* is not a folder, or not one of stored files.
        :raises ConfigError: S3 has no CDN that serves private files, or *domain* is missing.
        """
        set_cookies(self._state, response, folder, domain)

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
        :param authorize: asked at each signing, that of each part too, in the request's context,
            whether this user may send this :class:`DirectUpload`.
        :raises ConfigError: the purpose is allowed already. A factory may allow it again for each
            of its apps.
        :raises ValueError: the rules have no ``max_bytes``.
        :raises untrusted_files.MissingLibraryError: the rules need Pillow, which is not installed.
        """
        self._purposes.allow(purpose, rules, authorize)

    def verify(
        self, token: str, *, purpose: str = DEFAULT_PURPOSE, user: object = None
    ) -> DirectUpload:
        """Check all that :meth:`claim` does, but leave the upload where it is: for forms, that may
        be shown again because of another field.

        :raises ClaimError: as :meth:`claim`; likewise untrusted_files.RejectedError.
        """
        direct = self._state.direct
        upload = direct.read(token, purpose, self._user.id(user))
        verify(direct, upload)
        return upload

    def claim(
        self,
        token: str,
        to: str = "",
        *,
        purpose: str = DEFAULT_PURPOSE,
        user: object = None,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        """Make a direct upload a stored file like any other.

        Signature, purpose, user, age, presence, size and the bytes' real type are checked; then it
        is moved to its name, on S3 by S3 itself.

        :param to: as in :meth:`save`.
        :param user: the id of the user whose upload it must be; by default, the current one's.
        :param options: as in :meth:`save`.
        :raises ClaimError: the token is not valid, expired, another's or used; or the bytes are not
            there.
        :raises untrusted_files.RejectedError: the bytes break a rule. They stay until they are
            pruned.
        """
        (stored,) = self.claim_all([token], to, purpose=purpose, user=user, **options)
        return stored

    def claim_all(
        self,
        tokens: Iterable[str],
        to: str = "",
        *,
        purpose: str = DEFAULT_PURPOSE,
        user: object = None,
        **options: Unpack[ObjectOptions],
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
        direct, user_id = self._state.direct, self._user.id(user)
        found = [direct.read(token, purpose, user_id) for token in tokens]
        return claim(direct, found, to, **options)

    def hold(
        self, file: FileStorage | IO[bytes], *, purpose: str = DEFAULT_PURPOSE, user: object = None
    ) -> str:
        """Return a token for a file of an ordinary form post, as if it had been sent directly.

        :raises untrusted_files.RejectedError: the file breaks a rule of its purpose, or none was
            chosen.
        """
        return hold(self._state, file, purpose, user)

    def user_id(self) -> str:
        """Return the id of the current user, or of the current browser."""
        return self._user.id()
