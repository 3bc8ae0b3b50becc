"""A form field for direct uploads, which also takes files of ordinary form posts."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation
from wtforms.widgets import html_params

from s3_saver import StoredFile
from untrusted_files import UNKNOWN_TYPE, RejectedError, clean_filename

from ._arguments import check_purpose, check_to
from ._save import opened
from ._state import State, current_state
from .direct._claim import claim, verify
from .direct._upload import DEFAULT_PURPOSE, DirectUpload
from .exceptions import ClaimError


class DirectUploadWidget:
    """A file input, inside an element that the ES module takes over."""

    def __call__(self, field: "DirectUploadField", **kwargs: Any) -> Markup:
        rules = current_state().direct.purpose(field.purpose).rules
        required, held = bool(field.flags.required), field.held()
        box = html_params(
            class_="direct-upload",
            data_direct_upload=True,
            data_name=field.name,
            data_purpose=field.purpose,
            data_required=required,
            data_url=url_for("uploads.direct.sign").removesuffix("sign"),
        )
        kwargs = {"id": field.id, "accept": rules.accept() or False, **kwargs}
        kwargs.setdefault("required", required and not held)
        file = html_params(name=field.name, type="file", multiple=field.multiple, **kwargs)
        hidden = (
            html_params(name=field.name, type="hidden", value=token, data_filename=filename)
            for token, filename in held
        )
        tokens = "".join(f"<input {params}>" for params in hidden)
        return Markup(f"<div {box}><input {file}>{tokens}</div>")  # noqa: S704 - by html_params


class DirectUploadField(Field):
    """Files that the browser sends to the storage by itself; the form carries their tokens.

    Without JavaScript the same input posts the file with the form. Either way it survives when the
    form is shown again because of another field. Nothing is claimed by validation: call
    :meth:`store` once the form is valid, or ``form.populate_obj``.

    :param purpose: one that :meth:`Uploads.allow_direct` allows; its rules are checked.
    :param to: where :meth:`store` stores, as in :meth:`Uploads.save`.
    :param multiple: whether several files may be chosen.
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
        **kwargs: Any,
    ) -> None:
        check_purpose(purpose)
        check_to(to)
        super().__init__(label, list(validators), **kwargs)
        self.purpose = purpose
        self.to = to
        self.multiple = multiple
        self.data: list[str] = []  # tokens
        self._files: list[FileStorage] = []
        self._names: dict[str, str] = {}

    def process_data(self, value: object) -> None:  # noqa: ARG002 - see below
        self.data = []  # what an object has stored already is no upload

    def process_formdata(self, valuelist: list[Any]) -> None:
        self._files = [value for value in valuelist if isinstance(value, FileStorage) and value]
        tokens = [value for value in valuelist if isinstance(value, str) and value]
        self.data = list(dict.fromkeys(tokens))  # each can be claimed once

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        """Check each token and file. Failed ones are dropped, so that the form can pass again."""
        state = current_state()
        tokens, self.data = self.data, []
        problems = []
        for token in tokens:
            name = ""
            try:
                upload = state.direct.read(token, self.purpose, state.user.id())
                name = upload.filename
                verify(state.direct, upload)
            except (ClaimError, RejectedError) as error:
                problems.append(self._problem(name, error))
            else:
                self._names[token] = name
                self.data.append(token)
        for file in self._files:
            name = file.filename or ""
            try:
                token = self._hold(state, file)
            except RejectedError as error:
                problems.append(self._problem(name, error))
            else:
                self._names[token] = name
                self.data.append(token)
        self._files = []
        if not self.multiple:
            self.data = self.data[-1:]  # a newly chosen file takes the place of the one before
        if problems:
            raise StopValidation(" ".join(problems))

    def _hold(self, state: State, file: FileStorage) -> str:
        stream, filename = opened(file)
        user = state.user.id()
        upload = DirectUpload(self.purpose, clean_filename(filename), 0, UNKNOWN_TYPE, user)
        return state.direct.hold(upload, stream)

    def _problem(self, name: str, error: Exception) -> str:
        return f"{name}: {error}" if self.multiple and name else str(error)

    def held(self) -> list[tuple[str, str]]:
        """Return the tokens that go with the form, and the names of their files."""
        return [(token, self._names.get(token, "")) for token in self.data]

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
        state = current_state()
        user = state.user.id()
        uploads = [state.direct.read(token, self.purpose, user) for token in self.data]
        stored = claim(state.direct, uploads, self.to)
        self.data = []
        return stored

    def populate_obj(self, obj: Any, name: str) -> None:
        """Store the upload and set the attribute to what a model can keep of it: the
        ``to_dict()`` of its StoredFile, or a list of them. Without a new file the old one stays.
        """
        if stored := [file.to_dict() for file in self.store_all()]:
            setattr(obj, name, stored if self.multiple else stored[-1])
