"""The extension's URLs: files on disk, the ES module, and the direct upload's questions."""

import os
import re
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request, send_from_directory
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    ServiceUnavailable,
    default_exceptions,
)
from werkzeug.wrappers import Response as BaseResponse

from s3_saver import S3SaverError, StorageUnavailableError, guess_content_type
from untrusted_files import UNKNOWN_TYPE, RejectedError, clean_filename

from ._csrf import exempt_from_tokens, require_same_origin
from ._direct import DEFAULT_PURPOSE, Direct, DirectUpload
from ._direct_local import LocalTransport
from ._names import OWN_URLS
from ._serve import serve
from ._state import BLUEPRINT, current_state
from .exceptions import (
    ConfigError,
    ExpiredTokenError,
    InvalidTokenError,
    UploadsError,
)

_MAX_QUESTION = 64 * 1024  # bytes


def make_blueprint(url_prefix: str) -> Blueprint:
    """Make the blueprint ``uploads``."""
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix=url_prefix)
    blueprint.add_url_rule("/<path:name>", view_func=serve)
    blueprint.add_url_rule(f"/{OWN_URLS}direct-upload.js", view_func=module)
    blueprint.register_blueprint(_make_direct_blueprint())
    return blueprint


def _make_direct_blueprint() -> Blueprint:
    """Make the blueprint ``uploads.direct``, whose errors are JSON: a script reads them."""
    blueprint = Blueprint("direct", __name__, url_prefix=f"/{OWN_URLS}")
    blueprint.add_url_rule("receive/<ticket>", view_func=receive, methods=["PUT"])
    for question in (sign, part, parts, complete, cancel):
        blueprint.add_url_rule(question.__name__, view_func=question, methods=["POST"])
    # Before any before_request function, so before Flask-WTF looks for a token.
    blueprint.url_value_preprocessor(
        lambda *_: exempt_from_tokens(f"{receive.__module__}.{receive.__name__}")
    )
    blueprint.register_error_handler(UploadsError, _refuse)
    blueprint.register_error_handler(RejectedError, _refuse)
    blueprint.register_error_handler(S3SaverError, _fail)
    for status in default_exceptions:  # each by itself, so that they go before the app's own
        blueprint.register_error_handler(status, _refuse_request)
    return blueprint


def module() -> Response:
    """The browser's side."""
    response = send_from_directory(_STATIC, "direct-upload.js", mimetype="text/javascript")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def sign() -> Response:
    """Where and how to send one file, and the token for it."""
    question = _question()
    direct = current_state().direct
    filename = clean_filename(_text(question, "filename"))
    upload = DirectUpload(
        purpose=_text(question, "purpose", DEFAULT_PURPOSE),
        filename=filename,
        size=_number(question, "size"),
        content_type=_promised_type(filename, _text(question, "type", "")),
        user=current_state().uploads.user_id(),
    )
    try:
        purpose = direct.purpose(upload.purpose)
    except ConfigError as error:
        current_app.logger.warning("a browser asks to upload: %.500s", error)
        raise RejectedError("Uploads of this kind are not accepted here.") from error
    if not purpose.authorize(upload):
        abort(403, "You may not upload this.")
    in_parts = question.get("parts")
    if in_parts not in (None, True, False):
        abort(400, "'parts' must be true or false")
    return jsonify(direct.sign(upload, in_parts=in_parts))


def part() -> Response:
    """Where to send one part."""
    direct, upload, question = _known_upload(in_parts=True)
    number = _number(question, "part")
    if not 1 <= number <= upload.part_count:
        abort(400, f"'part' must be 1 to {upload.part_count}: the file is cut at each partSize")
    return jsonify(direct.transport.part(upload, number))


def parts() -> Response:
    """Which parts are there, in the words of S3's ListParts."""
    direct, upload, _ = _known_upload(in_parts=True)
    found = direct.transport.parts(upload)
    return jsonify(
        [
            {"PartNumber": number, "Size": size, "ETag": etag}
            for number, (size, etag) in sorted(found.items())
        ]
    )


def complete() -> Response:
    """All parts were sent."""
    direct, upload, _ = _known_upload(in_parts=True)
    direct.complete(upload)
    return jsonify({})


def cancel() -> Response:
    """The upload is not wanted any more."""
    direct, upload, _ = _known_upload()
    direct.cancel(upload)
    return jsonify({})


def receive(ticket: str) -> Response:
    """The bytes of an upload to the disk. The URL itself is the permission."""
    state = current_state()
    length = request.content_length
    if length is None:
        abort(411)
    request.max_content_length = length  # what was signed decides, not the app's limit for forms
    transport = LocalTransport(state.places.local, state.places.settings, state.places.signer)
    etag = transport.receive(ticket, length, request.content_type, request.stream)
    return Response(status=204, headers={"ETag": f'"{etag}"'})


def _promised_type(filename: str, believed: str) -> str:
    """Return the type by the name: browsers ask the system, which may take a CSV file for Excel's.
    What they believe counts for other names, if it can be a content type (RFC 6838, section 4.2).
    """
    by_name = guess_content_type(filename)
    is_type = by_name == UNKNOWN_TYPE and _MEDIA_TYPE.fullmatch(believed)
    return believed if is_type else by_name


_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")

_STATIC = os.path.join(os.path.dirname(__file__), "static")


def _question() -> dict[str, Any]:
    require_same_origin()
    request.max_content_length = _MAX_QUESTION
    question = request.get_json()  # only of this media type: forms of other sites cannot send it
    if not isinstance(question, dict):
        abort(400, "the request must be a JSON object")
    return question


def _known_upload(*, in_parts: bool = False) -> tuple[Direct, DirectUpload, dict[str, Any]]:
    question = _question()
    state = current_state()
    upload = state.direct.read(
        _text(question, "token"),
        _text(question, "purpose", DEFAULT_PURPOSE),
        state.uploads.user_id(),
    )
    if in_parts and not upload.upload_id:
        abort(400, "this upload is not in parts")
    return state.direct, upload, question


def _text(question: dict[str, Any], key: str, default: str | None = None) -> str:
    value = question.get(key, default)
    if not isinstance(value, str):
        abort(400, f"{key!r} must be a string")
    return value


def _number(question: dict[str, Any], key: str) -> int:
    value = question.get(key)
    if type(value) is not int or value < 0:
        abort(400, f"{key!r} must be a number, 0 or more")
    return value


def _refuse(error: UploadsError | RejectedError) -> tuple[Response, int]:
    """Tell the browser why, in words that it can show."""
    status = 403 if isinstance(error, InvalidTokenError | ExpiredTokenError) else 422
    if not isinstance(error, ValueError):
        raise error
    return jsonify({"error": str(error), "kind": type(error).__name__}), status


def _fail(error: S3SaverError) -> BaseResponse:
    """Leave what the storage says to the log: the app's own handler would answer with a page."""
    current_app.logger.error("a direct upload failed", exc_info=error)
    is_passing = isinstance(error, StorageUnavailableError)
    return _refuse_request(ServiceUnavailable() if is_passing else InternalServerError())


def _refuse_request(error: HTTPException) -> BaseResponse:
    """Do the same for a status that the app, another extension or this one aborts with."""
    response = error.get_response()  # with its headers, such as Retry-After
    if error.response is None:
        words = error.description
        if error.code == 500:
            words = "Something went wrong on the server: try again later."
        elif error.code == 429:  # of which Flask-Limiter says no more than "5 per 1 minute"
            words = f"Too many requests, try again later: {words}"
        response.data = jsonify({"error": words, "kind": type(error).__name__}).data
        response.content_type = "application/json"
    return response
