"""Formatters for the list and details of a model view."""

from typing import Any

from flask import g
from markupsafe import Markup

from ..._markup import link, small_picture
from ..._upload_field import UploadField
from ..._views import find_field

_KEY = "flask_admin_s3_upload"


def s3_thumbnail_formatter(view: Any, context: Any, model: Any, name: str) -> Markup:  # noqa: ARG001
    """Show the pictures of a column, by their thumbnails where there are any.

    .. code-block:: python

        column_formatters = {'image': s3_thumbnail_formatter}

    The view's upload field of that name knows where they are.

    :raises LookupError: the view's forms have no such field.
    """
    return _formatted(view, model, name, small_picture)


def s3_link_formatter(view: Any, context: Any, model: Any, name: str) -> Markup:  # noqa: ARG001
    """Show the files of a column by their names, with links; as :func:`s3_thumbnail_formatter`."""
    return _formatted(view, model, name, link)


def _field(view: Any, name: str) -> UploadField:
    """Return the view's field of that name, made once for all rows of a page."""
    fields: dict[tuple[int, str], UploadField] = g.setdefault(_KEY, {})
    key = (id(view), name)
    if key not in fields:
        fields[key] = find_field(view, name)
    return fields[key]


def _formatted(view: Any, model: Any, name: str, show: Any) -> Markup:
    shown = _field(view, name).show(view, model, name)
    return Markup(" ").join(show(one) for one in shown)
