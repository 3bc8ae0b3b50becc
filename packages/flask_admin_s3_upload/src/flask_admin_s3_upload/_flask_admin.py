"""What this package uses of Flask-Admin: names that 1.6.1 and 2.x both have.

Flask-Admin's wheels bear no ``py.typed``, so its names are untyped here and nowhere else.
"""

from typing import Any

from flask_admin.babel import gettext as _gettext  # type: ignore[import-untyped]
from flask_admin.form import BaseForm  # type: ignore[import-untyped]
from flask_admin.form.upload import (  # type: ignore[import-untyped]
    FileUploadField,
    FileUploadInput,
    ImageUploadField,
    ImageUploadInput,
    thumbgen_filename,
)
from flask_admin.helpers import get_current_view, get_url  # type: ignore[import-untyped]

__all__ = [
    "BaseForm",
    "FileUploadField",
    "FileUploadInput",
    "ImageUploadField",
    "ImageUploadInput",
    "get_current_view",
    "get_url",
    "gettext",
    "thumbgen_filename",
]


def gettext(text: str, **values: Any) -> str:
    return str(_gettext(text, **values))
