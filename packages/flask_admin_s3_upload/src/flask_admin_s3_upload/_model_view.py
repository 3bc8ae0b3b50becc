"""A model view that knows columns of stored files by their type."""

import logging
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from flask import flash
from markupsafe import Markup
from sqlalchemy import inspect, select

from s3_saver import S3SaverError, StoredFile
from sqlalchemy_s3_files import FileType, StoredFiles

from ._column_field import FileColumnField
from ._file_column import FileColumn
from ._flask_admin_sqla import AdminModelConverter, ModelView, converts
from ._markup import Shown, link, small_picture
from ._refusals import not_stored
from ._sqlalchemy import session_of_view
from ._views import find_field, upload_fields

logger = logging.getLogger("flask_admin_s3_upload")


class FileColumnConverter(AdminModelConverter):  # type: ignore[misc]
    """Makes a field of each column of stored files; others become what Flask-Admin makes of them.

    A view with a converter of its own lets that inherit from this one.
    """

    @converts("sqlalchemy_s3_files.FileType")  # type: ignore[untyped-decorator]
    def convert_files(self, model: Any, prop: Any, field_args: dict[str, Any], **_: Any) -> Any:
        own = {key: value for key, value in field_args.items() if key != "default"}
        column = getattr(model, prop.key)
        if prop.columns[0].type.multiple and not prop.columns[0].nullable:
            # Flask-Admin asks for a value last of all; an empty list is one.
            *own["validators"], _ = own["validators"]
        return FileColumnField(column=column, **own)


def _show_file(view: Any, file: StoredFile, name: str) -> Markup:
    shown = view.show_file(name, file)
    return small_picture(shown) if shown.preview_url else link(shown)


def _show_files(view: Any, files: StoredFiles, name: str) -> Markup:
    return Markup(" ").join(_show_file(view, file, name) for file in files)


def _write_file(view: Any, file: StoredFile, name: str) -> str:  # noqa: ARG001
    return file.name


def _write_files(view: Any, files: StoredFiles, name: str) -> str:  # noqa: ARG001
    return ", ".join(file.name for file in files)


_SHOWN: dict[type, Any] = {StoredFile: _show_file, StoredFiles: _show_files}
_WRITTEN: dict[type, Any] = {StoredFile: _write_file, StoredFiles: _write_files}


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

    def stored_files(self) -> Iterator[StoredFile]:
        """Yield the files that rows name in any of these columns."""
        session = session_of_view(self)
        if session is None:
            return
        for attribute in self._file_attributes():
            for value in session.scalars(select(attribute).where(attribute.is_not(None))):
                yield from value if isinstance(value, list) else [value]

    def _refresh_cache(self) -> None:
        super()._refresh_cache()
        for name, _ in upload_fields(self):
            find_field(self, name)  # raises if the model lacks what the options name
        # Formatters are asked in their order, and a list of files is a list.
        for page, own in (("", _SHOWN), ("_detail", _SHOWN), ("_export", _WRITTEN)):
            name = f"column_type_formatters{page}"
            setattr(self, name, {**own, **getattr(self, name)})

    def show_file(self, name: str, file: StoredFile) -> Shown:
        """Return what lists show of a file.

        :param name: of a column of the list, which may be a path such as ``'album.cover'``.
        """
        *path, key = name.split(".")
        mapper = inspect(self.model)
        for one in path:
            mapper = mapper.relationships[one].mapper
        return FileColumn.of(getattr(mapper.class_, key)).show(self, file, size="100x100")

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
