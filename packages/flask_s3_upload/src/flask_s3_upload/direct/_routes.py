"""The direct upload's questions, and the route that takes bytes onto the disk."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    RequestTimeout,
    ServiceUnavailable,
    default_exceptions,
)
from werkzeug.wrappers import Response as BaseResponse

from s3_saver import S3SaverError, StorageUnavailableError
from untrusted_files import RejectedError, clean_filename

from .._names import OWN_URLS
from .._state import request_state
from ..exceptions import (
    ClaimError,
    ConfigError,
    ExpiredTokenError,
    InvalidTokenError,
)
from ._arrived import arrived as what_arrived
from ._csrf import exempt_from_tokens
from ._direct import Direct
from ._questions import promised_type, read_number, read_question, read_switch, read_text
from ._stalled import StalledError, read_in_time
from ._upload import DEFAULT_PURPOSE, DirectUpload


def make_direct_blueprint() -> Blueprint:
    """Make the blueprint ``uploads.direct``, whose errors are JSON: a script reads them."""
    blueprint = Blueprint("direct", __name__, url_prefix=f"/{OWN_URLS}")
    blueprint.add_url_rule("receive/<ticket>", view_func=receive, methods=["PUT"])
    for question in (sign, part, parts, arrived, complete, cancel):
        blueprint.add_url_rule(question.__name__, view_func=question, methods=["POST"])
    # Before any before_request function, so before Flask-WTF looks for a token.
    blueprint.url_value_preprocessor(
        lambda *_: exempt_from_tokens(f"{receive.__module__}.{receive.__name__}")
    )
    blueprint.register_error_handler(ClaimError, _refuse)
    blueprint.register_error_handler(RejectedError, _refuse)
    blueprint.register_error_handler(S3SaverError, _fail)
    blueprint.register_error_handler(ConfigError, _fail)
    blueprint.register_error_handler(StalledError, _end)
    for status in default_exceptions:  # each by itself, so that they go before the app's own
        blueprint.register_error_handler(status, _refuse_request)
    return blueprint


def sign() -> Response:
    """Return where and how to send one file, and the token for it."""
    question = read_question()
    state = request_state()
    filename = clean_filename(read_text(question, "filename"))
    upload = DirectUpload(
        purpose=read_text(question, "purpose", DEFAULT_PURPOSE),
        filename=filename,
        size=read_number(question, "size"),
        content_type=promised_type(filename, read_text(question, "type", "")),
        user=state.user.id(),
    )
    in_parts = read_switch(question, "parts")
    _authorize(state.direct, upload)
    return jsonify(state.direct.sign(upload, in_parts=in_parts))


def part() -> Response:
    """Return where to send one part."""
    direct, upload, question = _known_upload(in_parts=True)
    number = read_number(question, "part")
    if not 1 <= number <= upload.part_count:
        abort(400, f"'part' must be 1 to {upload.part_count}: the file is cut at each partSize.")
    _authorize(direct, upload)
    return jsonify(direct.transport.part(upload, number))


def parts() -> Response:
    """Return which parts are there, in the words of S3's ListParts."""
    direct, upload, _ = _known_upload(in_parts=True)
    found = direct.transport.parts(upload)
    return jsonify(
        [
            {"PartNumber": number, "Size": size, "ETag": etag}
            for number, (size, etag) in sorted(found.items())
        ]
    )


def arrived() -> Response:
    """Return what is there of an upload that was begun before the page was loaded again."""
    direct, upload, _ = _known_upload()
    _authorize(direct, upload)
    return jsonify(what_arrived(direct, upload))


def complete() -> Response:
    """Put the parts together: all were sent."""
    direct, upload, _ = _known_upload(in_parts=True)
    direct.complete(upload)
    return jsonify({})


def cancel() -> Response:
    """Remove an upload that is not wanted any more."""
    direct, upload, _ = _known_upload()
    direct.cancel(upload)
    return jsonify({})


def receive(ticket: str) -> Response:
    """Take the bytes of an upload to the disk. The URL itself is the permission."""
    direct = request_state().direct
    length = request.content_length
    if length is None and not request.environ.get("wsgi.input_terminated"):
        abort(411, "The request does not say how long it is: send it with a Content-Length.")
    local, limit = direct.local, direct.settings.receive_timeout
    expected = local.expected(ticket, length, request.content_type)
    # In chunks, one byte more is read, if there is one: only then is it known to be too many.
    most = expected.size + 1 if length is None else length
    request.max_content_length = most  # what was signed decides, not the app's limit for forms
    with read_in_time(request.environ, request.stream, most, limit) as chunks:
        etag = local.receive(expected, chunks)
    return Response(status=204, headers={"ETag": f'"{etag}"'})


def _authorize(direct: Direct, upload: DirectUpload) -> None:
    try:
        purpose = direct.purpose(upload.purpose)
    except ConfigError as error:
        current_app.logger.warning("a browser asks to upload: %.500s", error)
        raise RejectedError("Uploads of this kind are not accepted here.") from error
    if not purpose.authorize(upload):
        abort(403, "You may not upload this file.")


def _known_upload(*, in_parts: bool = False) -> tuple[Direct, DirectUpload, dict[str, Any]]:
    question = read_question()
    state = request_state()
    upload = state.direct.read(
        read_text(question, "token"),
        read_text(question, "purpose", DEFAULT_PURPOSE),
        state.user.id(),
    )
    if in_parts and not upload.upload_id:
        abort(400, "This upload is not in parts.")
    return state.direct, upload, question


def _refuse(error: ClaimError | RejectedError) -> tuple[Response, int]:
    """Report to the browser why, in words that it can show."""
    status = 403 if isinstance(error, InvalidTokenError | ExpiredTokenError) else 422
    return jsonify({"error": str(error), "kind": type(error).__name__}), status


def _fail(error: S3SaverError | ConfigError) -> BaseResponse:
    """Leave what a storage or a setting lacks to the log: the visitor cannot help it, and the app's
    own handler would answer with a page.
    """
    current_app.logger.error("a direct upload failed", exc_info=error)
    is_passing = isinstance(error, StorageUnavailableError)
    return _refuse_request(ServiceUnavailable() if is_passing else InternalServerError())


def _end(_error: StalledError) -> BaseResponse:
    response = _refuse_request(RequestTimeout("The upload took too long: send it again."))
    response.headers["Connection"] = "close"
    return response


def _refuse_request(error: HTTPException) -> BaseResponse:
    """Answer likewise with a status that the app, another extension or this one aborts with."""
    response = error.get_response()  # with its headers, such as Retry-After
    if error.response is None:
        words = error.description
        if error.code == 500:
            words = "Something went wrong on the server: try again later."
        elif error.code == 429:  # of which Flask-Limiter says no more than "5 per 1 minute"
            words = f"Too many requests: try again later. {words}"
        response.data = jsonify({"error": words, "kind": type(error).__name__}).data
        response.content_type = "application/json"
    return response
