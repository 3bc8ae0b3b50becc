"""What form fields for files share: their input, and validators that know other files alone."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape
from wtforms import Field
from wtforms.validators import DataRequired
from wtforms.widgets import html_params

from ..direct._browser import DirectUploads
from ..exceptions import ConfigError

try:
    from flask_wtf.file import FileAllowed, FileRequired, FileSize
except ModuleNotFoundError:  # WTForms goes without it
    _FILE_REQUIRED: tuple[type[DataRequired], ...] = ()
    _RULES: tuple[type, ...] = ()
else:
    _FILE_REQUIRED = (FileRequired,)
    _RULES = (FileAllowed, FileSize)


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
    # The ES module shows them by itself.
    names = "".join(f"<li><bdi>{escape(filename)}</bdi></li>" for _, filename in held if filename)
    shown = f"<noscript><ul>{names}</ul></noscript>" if names else ""
    return "".join(f"<input {params}>" for params in hidden) + shown


def with_known_files(validators: Sequence[Any]) -> list[Any]:
    """Return validators, with Flask-WTF's FileRequired as what it means: that there is a file. It
    knows posted files alone, neither tokens nor stored ones.

    :raises ConfigError: FileAllowed or FileSize is among them, which would let all others pass.
    """
    for one in validators:
        if isinstance(one, _RULES):
            raise ConfigError(
                f"{type(one).__name__} knows posted files alone, and no direct uploads: leave it"
                " out, and pass rules= to allow_direct, or to uploads.column"
            )
    return [
        DataRequired(one.message) if isinstance(one, _FILE_REQUIRED) else one for one in validators
    ]
