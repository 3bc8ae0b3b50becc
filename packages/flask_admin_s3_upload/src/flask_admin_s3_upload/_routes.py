"""The routes that send a file to those who may open its view, and the scripts of the forms."""

from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, abort, send_file
from flask.typing import ResponseReturnValue

from s3_saver import NotConfiguredError, NotFoundError, StoredFile, guess_content_type
from untrusted_files import response_headers

from ._own_urls import FILE_ENDPOINT, SCRIPT_ENDPOINT, FileAddress
from ._views import file_columns, find_field, views

_SCRIPTS = Path(__file__).parent / "static"


def register(app: Flask) -> None:
    """Add the routes to an app that has an admin, before its first request."""
    admins = app.extensions.get("admin", ())
    if FILE_ENDPOINT in app.view_functions or not admins or app._got_first_request:  # noqa: SLF001
        return
    root = str(admins[0].url).rstrip("/")
    app.add_url_rule(f"{root}/-/file/<token>", FILE_ENDPOINT, _send)
    app.add_url_rule(f"{root}/-/script/<name>.js", SCRIPT_ENDPOINT, _send_script)


def _send(token: str) -> ResponseReturnValue:
    address = FileAddress.read(token)
    found = [view for view in views() if address and view.endpoint == address.view]
    if address is None or not found:
        abort(404)
    view = found[0]
    # What stands before each page of the view: is_accessible, and what an app puts in its place.
    refusal = view._handle_view("file")  # noqa: SLF001
    if refusal is not None:
        return cast("ResponseReturnValue", refusal)
    try:
        file = _find_file(view, address)
        info = file.storages.storage_of(file).stat(file.name)
        content = file.open()
    except (LookupError, NotFoundError, NotConfiguredError):
        abort(404)
    content_type = guess_content_type(file.name)
    response = send_file(
        content, mimetype=content_type, etag=info.etag or False, last_modified=info.modified
    )
    response.headers.update(response_headers(content_type))
    response.cache_control.private = True
    return response


def _find_file(view: Any, address: FileAddress) -> StoredFile:
    """Return the file of an address, bound.

    :raises LookupError: the view has no such attribute.
    """
    column = file_columns(view).get(address.attribute)  # Picture.image; fields' names have no dot
    if column is not None:
        return cast("StoredFile", column.kind.bind_file(address.file))
    return find_field(view, address.attribute).bind(address.file)


def _send_script(name: str) -> Response:
    path = _SCRIPTS / f"{name}.js"
    if path.parent != _SCRIPTS or not path.is_file():
        abort(404)
    return send_file(path, mimetype="text/javascript", max_age=3600)
