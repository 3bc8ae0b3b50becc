"""The field of a column of stored files: what was posted, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from s3_saver import StoredFile

from .. import _kept
from .._flask_admin import get_current_view, gettext
from .._markup import Shown
from .._posted import Posted
from .._required import not_asked_again
from ._column import FileColumn
from ._focus import Focus
from ._widget import FileColumnInput

Upload = FileStorage | str  # a file of this request, or the token of a direct upload


class FileColumnField(Field):
    """Shows the files of a column, and takes new ones.

    Nothing is stored before the form is valid: validation asks the column's rules, and
    ``populate_obj`` assigns. The column stores and deletes, with the transaction.

    :param column: a model's attribute such as ``Picture.image``, whose column is a ``FileType`` of
        sqlalchemy_s3_files.
    :raises s3_saver.ArgumentError: *column* is not such an attribute.
    """

    widget = FileColumnInput()

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] | None = None,
        *,
        column: Any,
        **kwargs: Any,
    ) -> None:
        self.column = FileColumn.of(column)
        self._form = kwargs.get("_form")
        self.posted = Posted()
        self.uploads: list[Upload] = []
        self._claim_error = ""
        self._taken: list[Any] | None = None
        super().__init__(label, list(validators or ()), **kwargs)

    # What was posted

    def process(
        self, formdata: Any, data: Any = unset_value, extra_filters: Sequence[Any] | None = None
    ) -> None:
        self.posted = Posted.of(formdata, self.name)
        super().process(formdata, data, extra_filters)
        if self.posted.is_form:
            self.raw_data = self.uploads

    def process_formdata(self, valuelist: list[Any]) -> None:
        posted = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        if self.column.direct is not None:
            tokens = [one for one in valuelist if isinstance(one, str) and one]
            before: list[Upload] = list(dict.fromkeys(tokens))
        else:
            before = [*self._claimed()]
        before = [one for one in before if one not in self.posted.dropped]
        uploads = [*before, *posted]
        self.uploads = uploads if self.column.multiple else uploads[-1:]
        if self.column.multiple:
            self.data = [*self.posted.kept_of(self.stored, self.stored_names), *self.uploads]
        elif self.uploads:
            self.data = self.uploads[0]
        elif self.is_deleting:
            self.data = None

    def _claimed(self) -> list[FileStorage]:
        uploads, self._claim_error = _kept.claim_all(
            self.posted.tokens, self.posted.dropped, self.column.kind.find_storages(), self.name
        )
        return uploads

    @property
    def stored(self) -> list[StoredFile]:
        """The files that the object had when the form was made."""
        value = self.object_data
        files = value if isinstance(value, list) else [value]
        return [file for file in files if isinstance(file, StoredFile)]

    @property
    def stored_names(self) -> list[str]:
        return [file.name for file in self.stored]

    @property
    def is_deleting(self) -> bool:
        """Whether the delete box was ticked, and counts."""
        return self.posted.deletes and not self.column.is_required

    # What is refused

    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        """Validate as any field; what is stored and stays is not asked for again."""
        with not_asked_again(self):
            return super().validate(form, list(extra_validators))

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        if self._claim_error:
            raise StopValidation(self._claim_error)
        try:
            Focus.parse(self.posted.focus)
        except ValueError as error:
            raise StopValidation(str(error)) from error
        self._taken = self._take()

    def _take(self) -> list[Any]:
        taken, uploads = [], self.uploads
        self.uploads = []  # what is refused is not kept
        for upload in uploads:
            try:
                taken.append(self.column.take(upload))
            except StopValidation as refusal:
                if not self.column.multiple:
                    raise
                raise StopValidation(f"{self._name_of(upload)}: {refusal}") from refusal
            self.uploads.append(upload)
        return taken

    def _name_of(self, upload: Upload) -> str:
        if isinstance(upload, FileStorage):
            return upload.filename or ""
        assert self.column.direct is not None  # noqa: S101
        try:
            return self.column.direct.filename(upload)
        except ValueError:
            return gettext("File")

    # What is assigned

    def populate_obj(self, obj: Any, name: str) -> None:
        taken = self._take() if self._taken is None else self._taken
        now = getattr(obj, name, None)
        if self.column.multiple:
            before = list(now or ())
            kept = self.posted.kept_of(before, [file.name for file in before])
            if taken or kept != before:
                setattr(obj, name, [*kept, *taken])
        elif taken:
            setattr(obj, name, taken[0])
        elif self.is_deleting:
            setattr(obj, name, None)
        elif isinstance(now, StoredFile):
            focus = Focus.parse(self.posted.focus)
            if self.posted.focus is not None and focus != Focus.of(now):
                setattr(obj, name, focus.put_into(now))

    # What is shown

    def shown(self) -> list[Shown]:
        """Return the stored files, for the widget."""
        view = get_current_view()
        return [
            self.column.show(view, file, size="200x200", with_bytes=True) for file in self.stored
        ]

    def keep(self) -> list[Shown]:
        """Return the chosen files, which the form has kept until it passes.

        Called when the form is shown again: another field was wrong, or the row was not saved.
        """
        return _kept.keep_all(self, self._keep, self._name_of)

    def _keep(self, upload: Upload) -> Shown:
        if self.column.direct is not None:
            token = upload if isinstance(upload, str) else self.column.direct.hold(upload)
            return Shown(self._name_of(upload), token=token)
        assert isinstance(upload, FileStorage)  # noqa: S101
        taken = (self._taken or [])[self.uploads.index(upload)]
        file = _kept.keep(
            upload,
            self.column.kind.find_storages(),
            filename=taken.filename,
            content_type=taken.content_type or None,
            metadata=dict(taken.metadata),
        )
        shown = self.column.show(get_current_view(), file, size="200x200", with_bytes=True)
        name = upload.filename or shown.name
        return replace(shown, name=name, token=_kept.sign(file, self.name))
