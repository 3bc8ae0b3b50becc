"""Which upload fields belong to a model: what the app's admin views say."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import current_app, has_app_context
from wtforms.fields.core import UnboundField

from ._field_parts import UploadField
from ._flask_admin import BaseForm
from ._options import named
from ._row_files import RowFiles


def find_field(view: Any, name: str) -> UploadField:
    """Return the upload field of that name of a view, with the options that it has in its form.

    :raises LookupError: the view's forms have no such field.
    """
    for form_class in _forms_of(view):
        for found, unbound in _upload_fields(form_class):
            if found == name:
                field = _bound(found, unbound)
                with named(type(field), name):
                    field.files.check_model(getattr(view, "model", None))
                return field
    raise LookupError(
        f"{type(view).__name__} has no upload field {name!r} in its forms: set it by "
        f"form_overrides = {{{name!r}: S3FileUploadField}} or form_extra_fields"
    )


def fields_by_model() -> Iterator[tuple[Any, type, str, UploadField]]:
    """Yield all upload fields of the app's admin: view, model, the field's name and the field.

    A field that is in the create form and in the edit form comes twice.
    """
    for view, model, name, unbound in _all_upload_fields():
        yield view, model, name, _bound(name, unbound)


def unmade_fields() -> Iterator[tuple[type, Callable[[], UploadField]]]:
    """Yield the model and what makes the field, for the upload fields of the app's admin; some of
    these may fail.
    """
    for _, model, name, unbound in _all_upload_fields():
        yield model, partial(_bound, name, unbound)


def deleting_fields(model: type) -> list[tuple[str, RowFiles]]:
    """Return the fields whose files go when a row of *model* does: the last one of each name.

    A field whose files any view keeps (``delete_with_row=False``) keeps them.
    """
    if not has_app_context():
        return []
    fields: dict[str, RowFiles] = {}
    kept = set()
    for _, owner, name, unbound in _all_upload_fields():
        if issubclass(model, owner):
            field = _bound(name, unbound)
            fields[name] = field.files
            if not field.options.delete_with_row:
                kept.add(name)
    return [(name, files) for name, files in fields.items() if name not in kept]


def upload_fields(view: Any) -> Iterator[tuple[str, UploadField]]:
    """Yield the upload fields of a view's forms, with their names."""
    for form_class in _forms_of(view):
        for name, unbound in _upload_fields(form_class):
            yield name, _bound(name, unbound)


def views() -> Iterator[Any]:
    """Yield the views of the app's admin."""
    for admin in current_app.extensions.get("admin", ()):
        yield from admin._views  # noqa: SLF001 - there is no public list of them


def _forms_of(view: Any) -> list[type]:
    forms = (getattr(view, name, None) for name in ("_edit_form_class", "_create_form_class"))
    return [form for form in forms if form is not None]


def _all_upload_fields() -> Iterator[tuple[Any, type, str, "UnboundField[Any]"]]:
    for view in views():
        model = getattr(view, "model", None)
        if model is not None:
            for form_class in _forms_of(view):
                for owner, name, unbound in _of_form_and_inline_forms(model, form_class):
                    yield view, owner, name, unbound


def _of_form_and_inline_forms(
    model: type, form_class: type
) -> Iterator[tuple[type, str, "UnboundField[Any]"]]:
    for name, unbound in _upload_fields(form_class):
        yield model, name, unbound
    for _, unbound in _unbound_fields(form_class):
        classes = [arg for arg in unbound.args if isinstance(arg, type)]
        forms = [each for each in classes if issubclass(each, BaseForm)]
        models = [each for each in classes if each not in forms]
        if forms and models:  # Flask-Admin's InlineModelFormList, and its kin
            yield from _of_form_and_inline_forms(models[0], forms[0])


def _upload_fields(form_class: type) -> Iterator[tuple[str, "UnboundField[Any]"]]:
    for name, unbound in _unbound_fields(form_class):
        if issubclass(unbound.field_class, UploadField):
            yield name, unbound


def _bound(name: str, unbound: "UnboundField[Any]") -> UploadField:
    """Make the field that the form would have."""
    field: UploadField = unbound.bind(form=BaseForm(), name=name)
    return field


def _unbound_fields(form_class: type) -> Iterator[tuple[str, "UnboundField[Any]"]]:
    # Each row that is deleted asks, so it is quick: dir() takes several times as long.
    for each in form_class.__mro__:
        for name, value in vars(each).items():
            if isinstance(value, UnboundField) and getattr(form_class, name) is value:
                yield name, value
