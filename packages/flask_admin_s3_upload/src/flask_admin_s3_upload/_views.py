"""What the app's admin views say of files: their upload fields, and their columns of files."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import current_app, has_app_context
from wtforms.fields.core import UnboundField

from ._flask_admin import BaseForm
from ._upload_field import UploadField


class FoundField(NamedTuple):
    """An upload field in a form of a view, or in an inline form.

    :param model: whose rows name its files.
    """

    view: Any
    model: type
    name: str
    unbound: "UnboundField[Any]"

    def make(self) -> UploadField:
        """Make the field that the form would have.

        :raises ValueError: an option is wrong.
        """
        field: UploadField = self.unbound.bind(form=BaseForm(), name=self.name)
        return field


def find_fields() -> Iterator[FoundField]:
    """Yield all upload fields of the app's admin; outside of an app there are none.

    A field that is in the create form and in the edit form comes twice.
    """
    for view in views():
        model = getattr(view, "model", None)
        if model is not None:
            for form_class in _forms_of(view):
                yield from _of_form_and_inline_forms(view, model, form_class)


def fields_of_view(view: Any) -> Iterator[FoundField]:
    """Yield the upload fields of a view's own forms."""
    for form_class in _forms_of(view):
        yield from _of_form(view, getattr(view, "model", None), form_class)


def find_field(view: Any, name: str) -> UploadField:
    """Return the upload field of that name of a view, with the options that it has in its form.

    :raises LookupError: the view's forms have no such field.
    """
    for found in fields_of_view(view):
        if found.name == name:
            field = found.make()
            field.check_model(found.model)
            return field
    raise LookupError(
        f"{type(view).__name__} has no upload field {name!r} in its forms: set it by "
        f"form_overrides = {{{name!r}: S3FileUploadField}} or form_extra_fields"
    )


def file_columns(view: Any) -> dict[str, Any]:
    """Return the columns of stored files of a view, by class and attribute, if it has any."""
    columns: dict[str, Any] = getattr(view, "file_columns", {})
    return columns


def views() -> Iterator[Any]:
    """Yield the views of the app's admin."""
    for admin in current_app.extensions.get("admin", ()) if has_app_context() else ():
        yield from admin._views  # noqa: SLF001 - there is no public list of them


def _forms_of(view: Any) -> list[type]:
    forms = (getattr(view, name, None) for name in ("_edit_form_class", "_create_form_class"))
    return [form for form in forms if form is not None]


def _of_form_and_inline_forms(view: Any, model: type, form_class: type) -> Iterator[FoundField]:
    yield from _of_form(view, model, form_class)
    for _, unbound in _unbound_fields(form_class):
        classes = [arg for arg in unbound.args if isinstance(arg, type)]
        forms = [each for each in classes if issubclass(each, BaseForm)]
        models = [each for each in classes if each not in forms]
        if forms and models:  # Flask-Admin's InlineModelFormList, and its kin
            yield from _of_form_and_inline_forms(view, models[0], forms[0])


def _of_form(view: Any, model: Any, form_class: type) -> Iterator[FoundField]:
    for name, unbound in _unbound_fields(form_class):
        if issubclass(unbound.field_class, UploadField):
            yield FoundField(view, model, name, unbound)


def _unbound_fields(form_class: type) -> Iterator[tuple[str, "UnboundField[Any]"]]:
    # Each row that is deleted asks, so it is quick: dir() takes several times as long.
    for each in form_class.__mro__:
        for name, value in vars(each).items():
            if isinstance(value, UnboundField) and getattr(form_class, name) is value:
                yield name, value
