"""Open Event's function for files of requests and of tasks."""

from typing import IO

from werkzeug.datastructures import FileStorage

from untrusted_files import Rules

from ._save import save
from ._state import current_state

_ANYTHING = Rules()


def upload(file: FileStorage | IO[bytes], key: str) -> str:
    """Store a file under *key* and return an absolute URL that never ends, like Open Event's
    function of that name. What the key held is replaced. Of several stores, it is the one without a
    name.

    With ``UPLOADS_FROM_ENVIRONMENT`` on S3, when ``BUCKET_NAME``, ``AWS_KEY`` and ``AWS_SECRET``
    were in the environment when the app was made.
    """
    state = current_state()
    stored = save(state, file, key, rules=_ANYTHING, overwrite=True, background=False)
    return stored.permanent_url
