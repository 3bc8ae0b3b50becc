"""The field of one file: what was posted, and what is stored."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.utils import unset_value
from wtforms.validators import StopValidation, ValidationError

from s3_saver import AlreadyExistsError, S3Saver, Storage, Storages, check_name, location_of

from . import _pending
from ._announce import listen
from ._changes import Change
from ._checks import CheckedUploads, Output, refused
from ._flask_admin import FileUploadField
from ._form_checks import TrialForm, check_endpoint, hide, model_of, try_out
from ._names import namegen_filename, names_to_try
from ._options import BasePath, FileOptions, Folder, check_pairs, named
from ._transaction import begin, is_shared, record, watch
from ._widgets import S3FileUploadInput


class S3FileUploadField(CheckedUploads, FileUploadField):  # type: ignore[misc]
    """Flask-Admin's file upload field, for files on disk and on S3.

    The first ten parameters are in the order of flask-admin-s3-upload 0.1; those from *base_path*
    to *allow_overwrite* are Flask-Admin's.

    What options do not say of S3, the app's shared settings do: ``S3_BUCKET_NAME``, ``USE_S3``,
    ``S3_REGION`` and so on, as they are when a form is made.

    :param storage_type: ``'s3'``, or ``''`` for the disk; by default the app's settings say which,
        and without these it is the disk.
    :param bucket_name: needed with ``'s3'``. Rows lead into this bucket, or into one of the app's
        ``S3_ALLOWED_BUCKETS``, and into no other.
    :param access_key_id: by default, what the SDK finds in the environment, a profile or a role.
    :param access_key_secret: belongs to *access_key_id*.
    :param acl: such as ``'public-read'``; none by default, since new buckets refuse ACLs.
    :param storage_type_field: the object's attribute that says where its file is, ``'s3'`` or
        ``''``. Forms have no input for it, nor for the next one.
    :param bucket_name_field: the object's attribute that says in which bucket.
    :param static_root_parent: the folder that S3 keys are relative to; by default *base_path*.
    :param base_path: the folder on disk that names are relative to, or a function that returns it.
        It is itself relative to the app's ``root_path``.
    :param relative_path: a folder in *base_path* for new files, such as ``'cats/'``.
    :param namegen: ``namegen(obj, file)`` returns the name of a new file.
    :param allowed_extensions: of the names that files are sent with and stored under. By default
        any, except those that a browser or a web server may run: HTML, SVG and all XML, ``.php``
        and its like. These are taken only where they are listed, and so is a file in whose name
        one of them stands before another extension, as in ``evil.php.png``.
    :param permission: the mode bits of files on disk, less the umask.
    :param allow_overwrite: by default, a new file whose name is taken gets a short id in it, unless
        it replaces its row's own file and no other row names that. With True it takes the place of
        the other file, as in Flask-Admin; with False it is refused.
    :param endpoint: the name of a route of yours that serves files on disk; by default what lies in
        the static folder has a link.
    :param url_relative_path: stands before names in URLs of *endpoint*.
    :param storage: a ready :class:`~s3_saver.Storage` for new files, or an
        :class:`~s3_saver.S3Saver` whose options to take, instead of these.
    :param endpoint_url: of a store other than Amazon's.
    :param region: such as ``'eu-north-1'``; links that are signed for Amazon need the bucket's own.
    :param cdn_domain: the host of links to files on S3.
    :param url_style: ``'host'``, which is the default, or ``'path'``, of URLs on S3.
    :param private: whether URLs on S3 are signed, for at least an hour; by default they are, unless
        *acl*, *cdn_domain* or ``S3_PRIVATE`` say that the public may read.
    :param max_bytes: the largest upload in bytes; by default any.
    :param delete_with_row: whether the file is deleted when its row is.
    :param is_shared: ``is_shared(obj, filename)`` returns whether other rows use a file, which then
        stays. By default the table is searched, where SQLAlchemy knows it.
    :raises ValueError: an option is wrong. One that is so by itself is refused when the view is
        made; what does not go with another, with the app's settings, its routes or the model, when
        the form is.
    :raises TypeError: there is no such option; when the view is made.
    """

    widget = S3FileUploadInput()

    data: Any
    errors: Sequence[str]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        watch()  # rows may be deleted before the first form is made
        listen()
        made = super().__new__(cls, *args, **kwargs)
        if isinstance(made, UnboundField):
            try_out(made)
        return made

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] | None = None,
        storage_type: str | None = None,
        bucket_name: str | None = None,
        access_key_id: str | None = None,
        access_key_secret: str | None = None,
        acl: str | None = None,
        storage_type_field: str | None = None,
        bucket_name_field: str | None = None,
        static_root_parent: Folder | None = None,
        *,
        base_path: BasePath | None = None,
        relative_path: str | None = None,
        namegen: Callable[[Any, FileStorage], str] | None = None,
        allowed_extensions: Sequence[str] | None = None,
        permission: int = 0o666,
        allow_overwrite: bool | None = None,
        endpoint: str | None = None,
        url_relative_path: str | None = None,
        storage: Storage | S3Saver | None = None,
        endpoint_url: str | None = None,
        region: str | None = None,
        cdn_domain: str | None = None,
        url_style: str | None = None,
        private: bool | None = None,
        max_bytes: int | None = None,
        delete_with_row: bool = True,
        is_shared: Callable[[Any, str], bool] | None = None,
        **kwargs: Any,
    ) -> None:
        given = locals()
        name = kwargs.get("name", "")
        with named(type(self), name):
            self.options = FileOptions(
                **{each.name: given[each.name] for each in fields(FileOptions)}
            )
        super().__init__(
            label,
            validators,
            base_path=base_path,
            relative_path=self.options.relative_path,
            namegen=namegen or namegen_filename,
            allowed_extensions=self.options.allowed_extensions,
            permission=permission,
            **kwargs,
        )
        self._form = kwargs.get("_form")
        if not isinstance(self._form, TrialForm):
            with named(type(self), name):
                self._check_together()
        self._tokens: list[str] = []
        self._claim_error = ""
        self._chosen_names: dict[FileStorage, str] = {}

    def _check_together(self) -> None:
        """Check what is complete, and known, only now: the options with each other, with the app's
        settings and with the view's model.
        """
        check_pairs(self.options)
        self.sources.check(self.options)
        check_endpoint(self.options.endpoint)
        self.check_model(model_of(self._form))

    # What was posted

    def process(
        self, formdata: Any, data: Any = unset_value, extra_filters: Sequence[Any] | None = None
    ) -> None:
        tokens = formdata.getlist(f"_{self.name}-pending") if formdata else []
        self._tokens = list(dict.fromkeys(tokens if self.many else tokens[:1]))
        super().process(formdata, data, extra_filters)
        if self._form is not None:
            hide(self._form, self.location_fields)
        if formdata is not None:
            # What the readonly input says is not asked: InputRequired goes by this.
            self.raw_data = self.stored_names if self.data and not self.uploads else self.uploads

    def process_formdata(self, valuelist: list[Any]) -> None:
        if self._should_delete:
            self.data = None
        elif uploads := self._posted(valuelist):
            self.data = uploads[0]

    def _posted(self, valuelist: list[Any]) -> list[FileStorage]:
        """Return the uploads of this request or, without any, those that it claims."""
        uploads = [value for value in valuelist if self._is_uploaded_file(value)]
        if self.many or not uploads:
            uploads = [*self._claimed(), *uploads]
        self._chosen_names = {upload: upload.filename or "" for upload in uploads}
        return uploads

    def _claimed(self) -> list[FileStorage]:
        if not self._tokens:
            return []
        try:
            return [_pending.claim(token, self.storages, self.name) for token in self._tokens]
        except ValueError as error:
            self._claim_error = str(error)
            return []

    @property
    def uploads(self) -> list[FileStorage]:
        """The files that were chosen."""
        values: list[Any] = (self.data or []) if self.many else [self.data]
        return [value for value in values if self._is_uploaded_file(value)]

    # What is refused

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        if self._claim_error:
            # The validator Optional forgets errors of a field for which nothing was posted.
            raise StopValidation(self._claim_error)
        for upload in self.uploads:
            with self.naming(upload):
                self.check_upload(upload)

    # What is stored

    def populate_obj(self, obj: Any, name: str) -> None:
        stored = self.names_in(getattr(obj, name, None))
        if self._should_delete:
            if stored:
                self._replace(obj, name, [])
        elif self.uploads:
            self._replace(obj, name, self.uploads)

    def _replace(self, obj: Any, attribute: str, uploads: list[FileStorage]) -> None:
        change = self._begin(obj, attribute)
        with change.undone_on_error():
            names = [self._store(change, upload, self.storages) for upload in uploads]
            self._assign(change, names[0] if names else None, self.storages)
            for upload, name in zip(uploads, names, strict=True):
                upload.filename = name  # as Flask-Admin's field does
            record(change)

    def _begin(self, obj: Any, attribute: str) -> Change:
        with named(type(self), self.short_name):
            self.check_model(type(obj))
        return begin(obj, attribute, self)

    def _store(self, change: Change, upload: FileStorage, storages: Storages) -> str:
        try:
            with self.naming(upload):
                name = self._store_outputs(change, upload, storages)
        except ValidationError as refusal:
            self.errors = [*self.errors, str(refusal)]
            raise
        if isinstance(upload, _pending.PendingUpload):
            change.files.delete(upload.file)
        return name

    def _store_outputs(self, change: Change, upload: FileStorage, storages: Storages) -> str:
        filename = self.new_name(change.obj, upload, storages)
        takes_id = self.many or self.options.allow_overwrite is None
        for name in names_to_try(filename) if takes_id else [filename]:
            self.check_file(upload, name)
            outputs = self.outputs(upload, name)
            try:
                self._save(change, outputs, storages)
            except AlreadyExistsError as error:
                taken = error
            else:
                return outputs[0].name
        with refused(taken.name or filename):
            raise taken

    def _save(self, change: Change, outputs: list[Output], storages: Storages) -> None:
        """Save what belongs together under one name, or nothing.

        :raises s3_saver.AlreadyExistsError: one of the names is another file's.
        """
        name, before = outputs[0].name, len(change.saved)
        may_replace = self._may_replace(change, name, storages)
        for output in outputs:
            with refused(output.name):
                file = self.file_in(storages, check_name(output.name))
                content = output.content()
            is_own = self.options.allow_overwrite or file.location in change.obsolete
            overwrite = may_replace and bool(is_own)
            try:
                change.save(storages, output.name, content, part_of=name, overwrite=overwrite)
            except AlreadyExistsError:
                change.drop(change.saved[before:])
                raise

    def _may_replace(self, change: Change, name: str, storages: Storages) -> bool:
        """Whether a file of that name may go: the row's own, that no other row names."""
        if self.many or self.options.allow_overwrite is not None:
            return bool(self.options.allow_overwrite) and not self.many
        with refused(name):
            file = self.file_in(storages, check_name(name))
        return file.location in change.obsolete and not is_shared(change, file)

    def new_name(self, obj: Any, upload: FileStorage, storages: Storages) -> str:  # noqa: ARG002
        """Return the name for a new file, before its format is known."""
        return self.generate_name(obj, upload)

    def _assign(self, change: Change, value: Any, storages: Storages) -> None:
        setattr(change.obj, change.attribute, value)
        storage_type, bucket_name = location_of(storages.current) if value else ("", "")
        if self.storage_type_field:
            setattr(change.obj, self.storage_type_field, storage_type)
        if self.bucket_name_field:
            setattr(change.obj, self.bucket_name_field, bucket_name)
        if self.filesize_field and change.saved:
            setattr(change.obj, self.filesize_field, change.saved[0].stored.size)
