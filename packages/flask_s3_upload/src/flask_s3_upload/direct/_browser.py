"""What pages and forms need to know of the direct uploads of one purpose."""

from collections.abc import Callable
from typing import IO

from flask import url_for
from werkzeug.datastructures import FileStorage

from untrusted_files import UNKNOWN_TYPE, clean_filename

from .._save import opened
from .._state import State
from ._upload import DirectUpload


class DirectUploads:
    """The direct uploads of one purpose, for whoever builds a form.

    :param find_state: finds the current app's.
    """

    def __init__(self, find_state: Callable[[], State], purpose: str) -> None:
        self._find_state = find_state
        self.purpose = purpose

    def __repr__(self) -> str:
        return f"<direct uploads of purpose {self.purpose!r}>"

    def attributes(self) -> dict[str, str]:
        """Return the HTML attributes of the element that the ES module takes over. Its form adds
        ``data-name``, and ``data-required`` if a file must be chosen.
        """
        state = self._find_state()
        state.direct.purpose(self.purpose)  # a wrong one is reported before a visitor uploads
        return {
            "class": "direct-upload",
            "data-direct-upload": "",
            "data-purpose": self.purpose,
            "data-url": url_for(state.store.endpoint("direct.sign")).removesuffix("sign"),
        }

    def accept_attribute(self) -> str:
        """Return what ``<input type="file" accept="…">`` says; empty if all is accepted."""
        return self._find_state().direct.purpose(self.purpose).rules.accept()

    def module_url(self) -> str:
        """Return the URL of the ES module."""
        return url_for(self._find_state().store.endpoint("module"))

    def hold(self, file: FileStorage | IO[bytes]) -> str:
        """Return a token for a file of an ordinary form post, as if it had been sent directly.

        :raises untrusted_files.RejectedError: it breaks a rule, or none was chosen.
        """
        return hold(self._find_state(), file, self.purpose)

    def filename(self, token: str) -> str:
        """Return what the client calls the file of a token.

        :raises ClaimError: the token is not valid, expired, or another user's or purpose's.
        """
        return self.read(token).filename

    def read(self, token: str) -> DirectUpload:
        """Return what a token of the current user was made for; raises as :meth:`filename`."""
        state = self._find_state()
        return state.direct.read(token, self.purpose, state.user.id())


def hold(state: State, file: FileStorage | IO[bytes], purpose: str, user: object = None) -> str:
    """Let a posted file wait as direct uploads do; see :meth:`Uploads.hold`."""
    stream, filename = opened(file)
    upload = DirectUpload(purpose, clean_filename(filename), 0, UNKNOWN_TYPE, state.user.id(user))
    return state.direct.hold(upload, stream)
