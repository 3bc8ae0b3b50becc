"""Whether the app's own route for files on disk answers those that it should, and no others."""

import io
import secrets
from collections.abc import Iterator

from flask import Flask

from s3_saver import Storages

from .._names import PENDING
from .._settings import Settings
from ._bucket_check import Finding

_CONTENT = b"check"


def check_route(app: Flask, storages: Storages, settings: Settings) -> Iterator[Finding]:
    """Fetch a URL of each kind from the app as a stranger does."""
    name = f"check-{secrets.token_hex(8)}.txt"
    pending = PENDING + name
    storage = storages.current
    file = storages.stored(storage.save(name, io.BytesIO(_CONTENT)))
    storage.save(pending, io.BytesIO(_CONTENT))
    try:
        with app.test_request_context() as context:
            root = context.request.script_root
            url = file.relative_url.removeprefix(root)
            endpoint = settings.store.endpoint("serve")
            pending_url = app.url_for(endpoint, name=pending).removeprefix(root)
        kind = "private" if settings.private else "public"
        yield _expect(app, f"{kind} files answer at their URLs", url, is_open=True)
        if settings.private:
            plain = url.partition("?")[0]
            yield _expect(app, "private files are closed to strangers", plain, is_open=False)
        yield _expect(app, "pending uploads are closed to strangers", pending_url, is_open=False)
    finally:
        storage.delete(name, pending)


def _expect(app: Flask, what: str, url: str, *, is_open: bool) -> Finding:
    answer = app.test_client().get(url, buffered=True)
    if (answer.status_code == 200 and answer.data == _CONTENT) == is_open:
        return Finding(what)
    should = "should answer everybody" if is_open else "must answer nobody"
    return Finding(what, f"{url.partition('?')[0]} {should}, and answered {answer.status_code}")
