"""What a field does with its form: wrong options are found early, and inputs hidden."""

from typing import Any

from flask import current_app, has_app_context, has_request_context
from markupsafe import Markup
from wtforms import Field, Form
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from s3_saver import ArgumentError

from .._flask_admin import get_current_view


class TrialForm(Form):
    """A form in which a field is made once, so that its wrong options are errors when the view is
    made.
    """


def try_out(unbound: "UnboundField[Any]") -> None:
    """Make a field from its options, to which the view's ``scaffold_form`` may still add.

    :raises ValueError: one of them is wrong.
    :raises TypeError: there is no such option.
    """
    label = unbound.kwargs.get("label") or (unbound.args[0] if unbound.args else "")
    try:
        unbound.bind(form=TrialForm(), name=str(label or ""))
    except RuntimeError:
        return  # somebody's own field needs an app that is not there yet


def model_of(form: object) -> Any:
    """Return the model of the current view, if the form is one of the view's."""
    view = get_current_view() if has_app_context() else None
    names = ("_create_form_class", "_edit_form_class")
    forms = tuple(each for name in names if (each := getattr(view, name, None)) is not None)
    return getattr(view, "model", None) if isinstance(form, forms) else None


def check_endpoint(endpoint: str | None) -> None:
    """Make sure that the app has an endpoint.

    :raises s3_saver.ArgumentError: it has none of that name.
    """
    # Flask-Admin's get_url knows names that begin with a dot as those of the view.
    if not endpoint or endpoint.startswith(".") or not has_request_context():
        return
    known = current_app.view_functions
    if endpoint not in known and endpoint != "static":
        raise ArgumentError("endpoint", endpoint, "the name of a route of the app")


def hide(form: BaseForm, names: tuple[str, ...]) -> None:
    """Hide the inputs of attributes that say where a file is.

    Flask-Admin's default form has a text input for every column. What is posted for these is
    ignored: it would lead to another file, or overwrite what the upload field has set.

    :param names: of the attributes.
    """
    for name in names:
        field = getattr(form, "_fields", {}).get(name)
        if field is not None:
            # In place: the form is going through its fields.
            field.widget = _NoInput()
            field.validate = field.populate_obj = _accept


class _NoInput:
    """Shows nothing, and no label."""

    input_type = "hidden"

    def __call__(self, field: Field, **kwargs: Any) -> Markup:  # noqa: ARG002
        return Markup()


def _accept(*_: Any, **__: Any) -> bool:
    return True
