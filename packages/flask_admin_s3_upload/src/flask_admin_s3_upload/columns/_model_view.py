"""A model view that knows columns of stored files by their type."""

import logging
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from flask import flash
from jinja2 import pass_context
from markupsafe import Markup
from sqlalchemy import inspect

from s3_saver import S3SaverError, StoredFile
from sqlalchemy_s3_files import FileType, StoredFiles

from .._markup import Shown, link, small_picture
from .._refusals import not_stored
from .._start import listen
from .._upload_field import Place
from .._views import fields_of_view, find_field
from ._column import FileColumn
from ._field import FileColumnField
from ._flask_admin import AdminModelConverter, ModelView, converts
from ._places import places_of

logger = logging.getLogger("flask_admin_s3_upload")


class FileColumnConverter(AdminModelConverter):  # type: ignore[misc]
    """Makes a field of each column of stored files; others become what Flask-Admin makes of them.

    A view with a converter of its own lets that inherit from this one.
    """

    @converts("sqlalchemy_s3_files.FileType")  # type: ignore[untyped-decorator]
    def convert_files(self, model: Any, prop: Any, field_args: dict[str, Any], **_: Any) -> Any:
        own = {key: value for key, value in field_args.items() if key != "default"}
        column = prop.columns[0]
        is_asked_for = not (column.nullable or column.default or column.server_default)
        if column.type.multiple and is_asked_for:
            # Flask-Admin asks for a value last of all; an empty list is one.
            *own["validators"], _ = own["validators"]
        return FileColumnField(column=getattr(model, prop.key), **own)


class FileModelView(ModelView):  # type: ignore[misc]
    """A view over a model of SQLAlchemy with columns of stored files.

    .. code-block:: python

        class Picture(db.Model):
            id: Mapped[int] = mapped_column(primary_key=True)
            image: Mapped[StoredFile | None] = uploads.column("pictures/", rules=PICTURES)

        admin.add_view(FileModelView(Picture, db))

    Each such column has a field with a preview, a box to delete it and the column's own rules, and
    lists show it, pictures small. The column stores and deletes, with the transaction.

    Needs sqlalchemy-s3-files: ``pip install 'flask-admin-s3-upload[sqlalchemy]'``.
    """

    model_form_converter = FileColumnConverter

    @cached_property
    def file_columns(self) -> dict[str, FileColumn]:
        """The columns of stored files that the view may show, by class and attribute: those of its
        model, and of the others of the same database, which inline forms and paths lead to.
        """
        columns = [FileColumn.of(attribute) for attribute in self._file_attributes()]
        return {column.attribute: column for column in columns}

    def _file_attributes(self) -> Iterator[Any]:
        for mapper in inspect(self.model).registry.mappers:
            for prop in mapper.column_attrs:
                if isinstance(getattr(prop.columns[0], "type", None), FileType):
                    yield getattr(mapper.class_, prop.key)

    def file_places(self) -> Iterator[Place]:
        """Yield where any of these columns keep files, unless somebody else announces it."""
        # Of all models that are there now; asking mappers for attributes would configure them.
        for mapper in inspect(self.model).registry.mappers:
            yield from places_of(mapper.columns)

    def _refresh_cache(self) -> None:
        super()._refresh_cache()
        listen()
        for found in fields_of_view(self):
            find_field(self, found.name)  # raises if the model lacks what the options name

    @pass_context
    def get_list_value(self, context: Any, model: Any, name: str) -> Any:
        html = self._show_files(model, name, self.column_formatters)
        return super().get_list_value(context, model, name) if html is None else html

    @pass_context
    def get_detail_value(self, context: Any, model: Any, name: str) -> Any:
        html = self._show_files(model, name, self.column_formatters_detail)
        return super().get_detail_value(context, model, name) if html is None else html

    def get_export_value(self, model: Any, name: str) -> Any:
        files = _files_of(*_owner_of(model, name))
        if files is None or name in self.column_formatters_export:
            return super().get_export_value(model, name)
        return ", ".join(file.name for file in files)

    def _show_files(self, model: Any, name: str, formatters: Any) -> Markup | None:
        """Return what pages show of an attribute's files; None if it has none to show."""
        owner, key = _owner_of(model, name)
        files = None if name in (formatters or ()) else _files_of(owner, key)
        return None if files is None else Markup(" ").join(self._show(owner, f) for f in files)

    def _show(self, owner: Any, file: StoredFile) -> Markup:
        """Show a file by the column that has it: an attribute may be a property over one."""
        mapper: Any = inspect(owner, raiseerr=False)
        for prop in mapper.mapper.column_attrs if mapper is not None else ():
            is_file_column = isinstance(getattr(prop.columns[0], "type", None), FileType)
            if is_file_column and file in (_files_of(owner, prop.key) or ()):
                column = FileColumn.of(getattr(type(owner), prop.key))
                return small_picture(column.show(self, file, size="100x100"))
        return link(Shown(file.filename or file.name.rpartition("/")[2]))

    def scaffold_sortable_columns(self) -> Any:
        columns = super().scaffold_sortable_columns()
        kinds = {prop.key: prop.columns[0].type for prop in inspect(self.model).column_attrs}
        return {
            name: one for name, one in columns.items() if not isinstance(kinds.get(name), FileType)
        }

    def handle_view_exception(self, exc: Exception) -> bool:
        if isinstance(exc, S3SaverError):
            logger.warning("a row of %s was not saved: %s", self.model.__name__, exc)
            flash(not_stored(), "error")
            return True
        return bool(super().handle_view_exception(exc))


def _owner_of(model: Any, name: str) -> tuple[Any, str]:
    """Return the object that has an attribute, and the attribute's own name: *name* may be a path
    such as ``'album.cover'``.
    """
    *path, key = name.split(".")
    for one in path:
        model = getattr(model, one, None)
    return model, key


def _files_of(owner: Any, key: str) -> list[StoredFile] | None:
    """Return the files that an attribute holds; None if it holds something else."""
    value = getattr(owner, key, None)
    if isinstance(value, StoredFiles):
        return list(value)
    return [value] if isinstance(value, StoredFile) else None
