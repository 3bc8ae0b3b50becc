"""What a browser asks, as JSON: nothing that a stranger sends is more than a 400."""

import re
from typing import Any

from flask import abort, request

from s3_saver import guess_content_type
from untrusted_files import UNKNOWN_TYPE

from .._settings import MAX_WHOLE_BYTES
from ._csrf import require_same_origin
from ._upload import MAX_PARTS

_MAX_QUESTION = 64 * 1024  # bytes
_MAX_SIZE = MAX_PARTS * MAX_WHOLE_BYTES  # bytes of a file, S3's

# RFC 6838, section 4.2.
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")


def read_question() -> dict[str, Any]:
    """Return the JSON object that a page of this site has sent."""
    require_same_origin()
    request.max_content_length = _MAX_QUESTION
    try:
        question = request.get_json()  # only of this media type: other sites' forms cannot send it
    except RecursionError:
        abort(400, "The request is nested too deeply.")
    if not isinstance(question, dict):
        abort(400, "The request must be a JSON object.")
    return question


def read_text(question: dict[str, Any], key: str, default: str | None = None) -> str:
    value = question.get(key, default)
    if not isinstance(value, str):
        abort(400, f"{key!r} must be a string.")
    try:
        value.encode()
    except UnicodeEncodeError:  # a half of a surrogate pair, which JSON can have
        abort(400, f"{key!r} must be text that UTF-8 can have.")
    return value


def read_number(question: dict[str, Any], key: str) -> int:
    value = question.get(key)
    if type(value) is not int or not 0 <= value <= _MAX_SIZE:
        abort(400, f"{key!r} must be a whole number, 0 to {_MAX_SIZE}.")
    return value


def read_switch(question: dict[str, Any], key: str) -> bool | None:
    value = question.get(key)
    if value is not None and not isinstance(value, bool):
        abort(400, f"{key!r} must be true or false.")
    return value


def promised_type(filename: str, believed: str) -> str:
    """Return the type by the name: browsers ask the system, which may take a CSV file for Excel's.
    What they believe counts for other names, if it can be a content type.
    """
    by_name = guess_content_type(filename)
    is_type = by_name == UNKNOWN_TYPE and _MEDIA_TYPE.fullmatch(believed)
    return believed if is_type else by_name
