"""What form fields for files share: their input, and validators that know other files alone."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from wtforms import Field
from wtforms.validators import DataRequired
from wtforms.widgets import html_params

from .direct._browser import DirectUploads

try:
    from flask_wtf.file import FileRequired
except ModuleNotFoundError:  # WTForms goes without Flask
    FileRequired = None


def file_input(
    field: Field,
    direct: DirectUploads | None,
    held: Sequence[tuple[str, str]],
    *,
    accept: str,
    multiple: bool,
    needed: bool,
    **kwargs: Any,
) -> Markup:
    """Return a file input, inside an element that the ES module takes over.

    :param direct: None if there are no direct uploads, and so no such element.
    :param held: tokens and the names of their files.
    :param accept: what the browser offers first; empty for all.
    :param needed: whether a file must be chosen, if none is held.
    """
    kwargs = {"id": field.id, "accept": accept or False, **kwargs}
    kwargs.setdefault("required", needed and not held)
    html = f"<input {html_params(name=field.name, type='file', multiple=multiple, **kwargs)}>"
    if direct is not None:
        box = {**direct.attributes(), "data-name": field.name, "data-required": needed}
        box["data-direct-upload"] = True
        html = f"<div {html_params(**box)}>{html}{_tokens(field, held)}</div>"
    return Markup(html)  # noqa: S704 - by html_params


def _tokens(field: Field, held: Sequence[tuple[str, str]]) -> str:
    hidden = (
        html_params(name=field.name, type="hidden", value=token, data_filename=filename)
        for token, filename in held
    )
    return "".join(f"<input {params}>" for params in hidden)


def with_known_files(validators: Sequence[Any]) -> list[Any]:
    """Return validators, with Flask-WTF's FileRequired as what it means: that there is a file. It
    knows posted files alone, neither tokens nor stored ones.
    """
    return [DataRequired(one.message) if _is_file_required(one) else one for one in validators]


def _is_file_required(validator: Any) -> bool:
    return FileRequired is not None and isinstance(validator, FileRequired)
