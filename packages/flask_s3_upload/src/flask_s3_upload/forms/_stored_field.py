"""A form field over a column: the row's file with a preview and a delete box, and a new one."""

import logging
import posixpath
from collections.abc import Sequence
from typing import Any

from flask import current_app
from markupsafe import Markup
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.utils import unset_value
from wtforms.validators import StopValidation
from wtforms.widgets import html_params

from s3_saver import S3SaverError, StoredFile
from untrusted_files import is_shown_inline

from .._extras import needs_sqlalchemy
from ._input import file_input, with_known_files

_PREVIEW_HEIGHT = 64  # pixels
_THUMBNAIL_SIZE = "x128"  # for screens that have two pixels in place of one

logger = logging.getLogger(__name__)


class StoredFileWidget:
    """The files that are there, each with a box to delete it, and the input for new ones."""

    def __call__(self, field: "StoredFileField", **kwargs: Any) -> Markup:
        files = field.files
        shown = files.shown()
        items = Markup().join(self._item(field, file) for file in shown)
        listed = Markup('<ul class="stored-files">{}</ul>').format(items) if shown else ""
        html = file_input(
            field,
            files.direct,
            files.held(),
            accept=files.accept,
            multiple=field.multiple,
            needed=bool(field.flags.required) and not shown,
            **kwargs,
        )
        return Markup('<div class="stored-file-field">{}{}</div>').format(listed, html)

    def _item(self, field: "StoredFileField", file: StoredFile) -> Markup:
        name = file.filename or posixpath.basename(file.name)
        html = Markup("<bdi>{}</bdi>").format(name)
        if url := _url_of(file):
            html = _preview(file, url) + Markup('<a href="{}">{}</a>').format(url, html)
        if field.flags.required and not field.multiple:
            return Markup("<li>{}</li>").format(html)
        box = html_params(
            type="checkbox",
            name=field.delete_name,
            value=file.name,
            checked=file.name in field.files.deleted,
            aria_label=f"{field.gettext('Delete')} {name}",
        )
        return Markup("<li>{} <label><input {}> {}</label></li>").format(
            html,
            Markup(box),  # noqa: S704 - by html_params
            field.gettext("Delete"),
        )


class StoredFileField(Field):
    """The file of a row: shown with a link and a small preview, replaced, or deleted.

    .. code-block:: python

        class PictureForm(FlaskForm):
            image = StoredFileField("Picture", column=Picture.image)

        form = PictureForm(obj=picture)
        if form.validate_on_submit():
            form.populate_obj(picture)
            db.session.commit()

    The column's rules check what was chosen; what they say is an error of the field. Where the
    column has a purpose, browsers send files directly, and a file survives when the form is shown
    again because of another field. ``DataRequired`` and ``FileRequired`` ask that there is a file,
    chosen now or stored before. An empty input leaves the file as it is.

    :attr:`data` is what the attribute is to be: the file that is there, a new one, a list of both
    where the column has ``multiple=True``, None to delete it, or ``''`` if there is none.

    Needs the extras ``wtf`` and ``sqlalchemy``.

    :param column: what :meth:`Uploads.column` declares, such as ``Picture.image``.
    :raises s3_saver.ArgumentError: *column* is something else.
    :raises ConfigError: an extra is missing; or Flask-WTF's FileAllowed or FileSize is passed, in
        whose place the column has rules.
    """

    widget = StoredFileWidget()

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] | None = None,
        *,
        column: Any,
        **kwargs: Any,
    ) -> None:
        with needs_sqlalchemy("StoredFileField"):
            from ..columns._form_files import FormFiles
        super().__init__(label, with_known_files(validators or ()), **kwargs)
        self.files = FormFiles(column)
        self.multiple = self.files.multiple
        self.data: Any = ""

    @property
    def delete_name(self) -> str:
        """The name of the boxes by which files are deleted; their values are the files' names."""
        return f"{self.name}-delete"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self._to_delete = formdata.getlist(self.delete_name) if formdata is not None else []
        super().process(formdata, data, extra_filters)

    def process_data(self, value: Any) -> None:
        self.files.load(value)
        self.data = self.files.value()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.files.post(valuelist, self._to_delete)

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        problems = self._take()
        # What InputRequired asks: a file that is stored will do.
        self.raw_data = [self.data] if self.data else []
        if problems:
            raise StopValidation(" ".join(dict.fromkeys(map(self.gettext, problems))))

    def _take(self) -> list[str]:
        problems = self.files.take()
        self.data = self.files.value()
        return problems

    def populate_obj(self, obj: Any, name: str) -> None:
        """Assign what is new, or None to delete; the flush of the row stores it. Without either,
        the attribute is left as it is.
        """
        self._take()  # a form need not have been validated
        if self.files.is_changed:
            setattr(obj, name, self.files.value(getattr(obj, name)))


def _preview(file: StoredFile, url: str) -> Markup:
    """Return a small picture and a blank, or nothing. The picture has a link of its own, for the
    mouse alone: the name's would underline the blank between the two.
    """
    if not (file.content_type.startswith("image/") and is_shown_inline(file.content_type)):
        return Markup()
    src = _preview_of(file, url)
    picture = html_params(src=src, alt="", height=_PREVIEW_HEIGHT, loading="lazy")
    return Markup('<a href="{}" tabindex="-1" aria-hidden="true"><img {}></a> ').format(
        url,
        Markup(picture),  # noqa: S704 - by html_params
    )


def _preview_of(file: StoredFile, url: str) -> str:
    """Return the URL of a thumbnail, if the app has a filter that makes some, as of
    flask-thumbnails-s3; else that of the file.
    """
    thumbnail = current_app.jinja_env.filters.get("thumbnail")
    if thumbnail is None:
        return url
    try:
        return str(thumbnail(file, _THUMBNAIL_SIZE)) or url
    except Exception:  # an app's own filter must not break a form
        logger.exception("no thumbnail of %r", file.name)
        return url


def _url_of(file: StoredFile) -> str:
    try:
        return file.url
    except S3SaverError:  # its bucket is none of this app's any more: the name can be shown
        return ""
