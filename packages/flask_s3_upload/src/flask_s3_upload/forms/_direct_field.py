"""A form field for direct uploads, which also takes files of ordinary form posts."""

import sys
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from s3_saver import StoredFile
from untrusted_files import RejectedError

from .._arguments import check_purpose, check_to
from .._state import current_state
from ..direct._browser import DirectUploads
from ..direct._claim import claim, verify
from ..direct._upload import DEFAULT_PURPOSE
from ..exceptions import ClaimError
from ._input import file_input, with_known_files


class DirectUploadWidget:
    """A file input, inside an element that the ES module takes over."""

    def __call__(self, field: "DirectUploadField", **kwargs: Any) -> Markup:
        return file_input(
            field,
            field.uploads,
            field.held(),
            accept=field.uploads.accept_attribute(),
            multiple=field.multiple,
            needed=bool(field.flags.required),
            **kwargs,
        )


class DirectUploadField(Field):
    """Files that the browser sends to the storage by itself; the form carries their tokens.

    Without JavaScript the same input posts the file with the form. Either way it survives when the
    form is shown again because of another field. Nothing is claimed by validation: call
    :meth:`store` once the form is valid, or ``form.populate_obj``.

    :attr:`data` is the token, ``''`` if no file was chosen, or with *multiple* a list of tokens:
    values that can be assigned to a column of the same purpose.

    :param purpose: one that :meth:`Uploads.allow_direct` allows; its rules are checked.
    :param to: where :meth:`store` stores, as in :meth:`Uploads.save`.
    :param multiple: whether several files may be chosen.
    :param store: the name of the :class:`Uploads` whose purpose it is.
    """

    widget = DirectUploadWidget()

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] = (),
        *,
        purpose: str = DEFAULT_PURPOSE,
        to: str = "",
        multiple: bool = False,
        store: str = "",
        **kwargs: Any,
    ) -> None:
        check_purpose(purpose)
        check_to(to)
        super().__init__(label, with_known_files(validators), **kwargs)
        self.purpose = purpose
        self.to = to
        self.multiple = multiple
        self.store_name = store
        self.uploads = DirectUploads(lambda: current_state(store), purpose)
        self.data: str | list[str] = ""
        self._tokens: list[str] = []
        self._files: list[FileStorage] = []
        self._names: dict[str, str] = {}

    def _set_tokens(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self.data = tokens if self.multiple else "".join(tokens[-1:])

    def process_data(self, value: object) -> None:  # noqa: ARG002 - see below
        self._set_tokens([])  # what an object has stored already is no upload

    def process_formdata(self, valuelist: list[Any]) -> None:
        self._files = [value for value in valuelist if isinstance(value, FileStorage) and value]
        tokens = [value for value in valuelist if isinstance(value, str) and value]
        self._set_tokens(list(dict.fromkeys(tokens)))  # each can be claimed once

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        """Check each token and file. Failed ones are dropped, so that the form can pass again."""
        good: list[str] = []
        problems = []
        for token in self._tokens:
            name = ""
            try:
                upload = self.uploads.read(token)
                name = upload.filename
                verify(current_state(self.store_name).direct, upload)
            except (ClaimError, RejectedError) as error:
                problems.append(self._problem(name, error))
            else:
                self._names[token] = name
                good.append(token)
        for file in self._files:
            name = file.filename or ""
            try:
                token = self.uploads.hold(file)
            except RejectedError as error:
                problems.append(self._problem(name, error))
            else:
                self._names[token] = name
                good.append(token)
        self._files = []
        # A newly chosen file takes the place of the one before.
        self._set_tokens(good if self.multiple else good[-1:])
        if problems:
            raise StopValidation(" ".join(problems))

    def _problem(self, name: str, error: Exception) -> str:
        message = self.gettext(str(error))
        return f"{name}: {message}" if self.multiple and name else message

    def held(self) -> list[tuple[str, str]]:
        """Return the tokens that go with the form, and the names of their files."""
        return [(token, self._names.get(token, "")) for token in self._tokens]

    def store(self) -> StoredFile | None:
        """Claim the upload of a valid form; ``None`` if no file was chosen.

        :raises ClaimError: as :meth:`store_all`.
        """
        stored = self.store_all()
        return stored[-1] if stored else None

    def store_all(self) -> list[StoredFile]:
        """Claim all uploads of a valid form, or none.

        :raises ClaimError: another request claimed one of them first. Nothing is stored, and the
            form, validated and shown again, still has the others.
        """
        uploads = [self.uploads.read(token) for token in self._tokens]
        stored = claim(current_state(self.store_name).direct, uploads, self.to)
        self._set_tokens([])
        return stored

    def populate_obj(self, obj: Any, name: str) -> None:
        """Set the attribute to the upload; without a new file the old one stays.

        A column by :meth:`Uploads.column` takes it, and the flush stores it; those with
        ``multiple=True`` add it to what they have. Any other attribute is set to what a model can
        keep as JSON, when the file is stored: the ``to_dict()`` of its StoredFile, or a list.
        """
        if not self._tokens:
            return
        if "sqlalchemy_s3_files" in sys.modules:  # else there can be no such column
            from ..columns._populate import populate

            state = current_state(self.store_name)
            if populate(obj, name, state, self._tokens, self.purpose):
                return
        stored = [file.to_dict() for file in self.store_all()]
        setattr(obj, name, stored if self.multiple else stored[-1])
