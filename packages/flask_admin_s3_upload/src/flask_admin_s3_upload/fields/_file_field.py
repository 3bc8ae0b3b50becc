"""The fields of files: what was posted, and what holds the rest."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.utils import unset_value
from wtforms.validators import StopValidation, ValidationError

from s3_saver import S3Saver, S3SaverError, Storage

from .. import _kept
from .._flask_admin import FileUploadField, get_current_view
from .._markup import Shown
from .._posted import Posted
from .._refusals import not_stored, of_file
from .._required import not_asked_again
from .._start import listen
from ._form_checks import TrialForm, hide, model_of, try_out
from ._parts import FieldParts
from .checking._checks import Checks
from .checking._names import namegen_filename
from .checking._outputs import Outputs, PictureOutputs
from .finding._options import BasePath, FileOptions, Folder, named
from .finding._row_files import RowFiles
from .showing._previews import Previews
from .showing._widgets import S3FileUploadInput
from .storing._saver import Saver
from .storing._transaction import watch

logger = logging.getLogger("flask_admin_s3_upload")


class S3FileUploadField(FieldParts, FileUploadField):  # type: ignore[misc]
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
        ``''``. Forms have no input for it, nor for the next two.
    :param bucket_name_field: the object's attribute that says in which bucket.
    :param filesize_field: the object's attribute for the size of its file, in bytes.
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
        the static folder has its link, and what does not, one for those who may open the view.
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
    :raises ValueError: an option is wrong by itself, when the view is made, or does not go with the
        app's settings, its routes or the model, when the form is.
    :raises TypeError: there is no such option; when the view is made.
    """

    widget = S3FileUploadInput()

    #: Whether the attribute holds a list of names.
    many = False
    #: Whether the form shows sizes, which the storage is asked for.
    shows_sizes = True

    data: Any
    errors: Sequence[str]
    validators: Any

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
        filesize_field: str | None = None,
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
        with named(type(self), kwargs.get("name", "")):
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
        self.posted = Posted()
        self._claim_error = ""
        self._chosen_names: dict[FileStorage, str] = {}
        self._hold(Outputs())
        if not isinstance(self._form, TrialForm):
            self.check_options(model_of(self._form))

    def _hold(self, outputs: Outputs) -> None:
        """Make the parts that find, show, check and store files."""
        pictures = outputs.options if isinstance(outputs, PictureOutputs) else None
        self.files = RowFiles(self.options, pictures.thumbgen if pictures else None, self.many)
        name = self.short_name if self.name == self.short_name else ""  # of inline forms: none
        has_thumbnails = bool(pictures and pictures.thumbnail_size)
        self.previews = Previews(self.files, name, has_thumbnails=has_thumbnails)
        checks = Checks(self.options, self.is_file_allowed, outputs)
        self.saver = Saver(self.files, checks, self.generate_name)

    def generate_name(self, obj: Any, file_data: FileStorage) -> str:
        """Return the name that *namegen* makes, below *relative_path*, as Flask-Admin's field does.

        :raises ValueError: it makes none.
        """
        name: Any = self.namegen(obj, file_data)
        if not isinstance(name, str) or not name:
            raise ValueError(f"namegen returned {name!r}: must return the file's name, a str")
        return f"{self.relative_path or ''}{name}"

    # What was posted

    def process(
        self, formdata: Any, data: Any = unset_value, extra_filters: Sequence[Any] | None = None
    ) -> None:
        self.posted = Posted.of(formdata, self.name)
        super().process(formdata, data, extra_filters)
        if self._form is not None:
            hide(self._form, self.files.own_fields)
        if self.posted.is_form:
            # What the readonly input says is not asked: InputRequired goes by this.
            self.raw_data = self.stored_names if self.data and not self.uploads else self.uploads

    def process_formdata(self, valuelist: list[Any]) -> None:
        uploads = [value for value in valuelist if self._is_uploaded_file(value)]
        if self.many or not uploads:
            uploads = [*self._claimed(), *uploads]
        self._chosen_names = {upload: upload.filename or "" for upload in uploads}
        if self.many:
            names = self.stored_names
            self.data = [*self.posted.kept_of(names, names), *uploads]
        elif self.is_deleting:
            self.data = None
        elif uploads:
            self.data = uploads[0]

    def _claimed(self) -> list[FileStorage]:
        tokens = self.posted.tokens if self.many else self.posted.tokens[:1]
        uploads, self._claim_error = _kept.claim_all(
            tokens, self.posted.dropped, self.files.storages, self.name
        )
        return uploads

    @property
    def uploads(self) -> list[FileStorage]:
        """The files that were chosen."""
        values: list[Any] = (self.data or []) if self.many else [self.data]
        return [value for value in values if self._is_uploaded_file(value)]

    def _name_of(self, upload: FileStorage) -> str:
        return self._chosen_names.get(upload, upload.filename or "")

    @property
    def is_deleting(self) -> bool:
        """Whether the delete box was ticked."""
        return self.posted.deletes

    @property
    def stored_names(self) -> list[str]:
        """The names that the object had when the form was made."""
        return self.files.names_in(self.object_data)

    # What is refused

    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        """Validate as any field; a file that is stored and stays is not asked for again."""
        with not_asked_again(self):
            return bool(super().validate(form, extra_validators))

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        if self._claim_error:
            # The validator Optional forgets errors of a field for which nothing was posted.
            raise StopValidation(self._claim_error)
        for upload in self.uploads:
            with of_file(self._name_of(upload) if self.many else None):
                self.saver.check(getattr(self._form, "_obj", None), upload)

    # What is stored

    def populate_obj(self, obj: Any, name: str) -> None:
        before = self.files.names_in(getattr(obj, name, None))
        kept: list[str] = self.posted.kept_of(before, before) if self.many else []
        is_deleting = self.is_deleting and not self.many
        if not self.uploads and (kept == before if self.many else not (is_deleting and before)):
            return
        try:
            with named(type(self), self.short_name):
                self.saver.save(obj, name, [] if is_deleting else self.uploads, kept)
        except ValidationError as refusal:
            self.errors = [*self.errors, str(refusal)]
            raise
        except S3SaverError as error:
            logger.warning("%s: nothing was stored: %s", self.short_name, error)
            raise ValidationError(not_stored()) from error

    # What is shown

    def shown(self) -> list[Shown]:
        """Return the stored files, for the widget."""
        obj = getattr(self._form, "_obj", None)
        return self.previews.of(get_current_view(), obj, self.stored_names, sizes=self.shows_sizes)

    def keep(self) -> list[Shown]:
        """Return the chosen files, which the form has kept until it passes.

        Called when the form is shown again: another field was wrong, or the row was not saved.
        """
        return _kept.keep_all(self, self._keep, self._name_of)

    def _keep(self, upload: FileStorage) -> Shown:
        file = _kept.keep(upload, self.storages, filename=self._name_of(upload))
        token, view = _kept.sign(file, self.name), get_current_view()
        return self.previews.of_kept(view, file, token, sizes=self.shows_sizes)
