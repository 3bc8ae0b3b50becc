"""How uploads become files of a row: named, checked, stored and assigned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage

from s3_saver import AlreadyExistsError, Storages, check_name, location_of
from untrusted_files import clean_filename

from ..._kept import KeptUpload
from ..._refusals import of_file, refused
from ..checking._checks import Checks
from ..checking._names import namegen_filename, names_to_try
from ..checking._outputs import Output
from ..finding._row_files import RowFiles
from ._changes import Change
from ._transaction import begin, is_shared, record


@dataclass(frozen=True, eq=False)
class Saver:
    """Stores uploads for objects, and deletes what they replace.

    :param generate_name: returns the name of a new file of an object.
    """

    files: RowFiles
    checks: Checks
    generate_name: Callable[[Any, FileStorage], str]

    @property
    def _overwrites(self) -> bool | None:
        """What happens to a file whose name a new one has; None if the new one gets an id."""
        return None if self.files.many else self.files.options.allow_overwrite

    def check(self, obj: Any, upload: FileStorage) -> None:
        """Refuse a file that must not be stored, as far as that is known before the form is valid.

        :param obj: the form's, if it has one.
        :raises ValidationError: the message says why.
        """
        self.checks.check_upload(upload)
        # The name that a function makes for a new object is not known yet: it is checked when the
        # file is stored.
        if obj is None and self.files.options.namegen not in (None, namegen_filename):
            return
        name = self.generate_name(obj, upload)
        if name != clean_filename(upload.filename):
            self.checks.check_file(upload, name)
        for output in self.checks.outputs.of(upload, name):
            with refused(output.name):
                check_name(output.name)
                if self._overwrites is False and self.files.storages.current.exists(output.name):
                    raise AlreadyExistsError(output.name)

    def save(
        self, obj: Any, attribute: str, uploads: Sequence[FileStorage], kept: Sequence[str] = ()
    ) -> None:
        """Store uploads, and let the object name them instead of its old files.

        :param kept: of the names that it has, those that stay.
        :raises ValidationError: one is refused; nothing is stored then.
        :raises s3_saver.S3SaverError: the storage fails; nothing stays stored.
        """
        files = self.files
        files.check_model(type(obj))
        has_some = files.many and files.names_in(getattr(obj, attribute, None))
        storages = files.storages_of(obj) if has_some else files.storages
        change = begin(obj, attribute, files)
        with change.undone_on_error():
            added = [self._store(change, upload, storages) for upload in uploads]
            self._assign(change, [*kept, *added], storages)
            for upload, name in zip(uploads, added, strict=True):
                upload.filename = name  # as Flask-Admin's field does
            record(change)

    def _store(self, change: Change, upload: FileStorage, storages: Storages) -> str:
        with of_file(upload.filename if self.files.many else None):
            name = self._store_outputs(change, upload, storages)
        if isinstance(upload, KeptUpload):
            change.files.delete(upload.file)
        return name

    def _store_outputs(self, change: Change, upload: FileStorage, storages: Storages) -> str:
        filename = self.generate_name(change.obj, upload)
        for name in names_to_try(filename) if self._overwrites is None else [filename]:
            self.checks.check_file(upload, name)
            outputs = self.checks.outputs.of(upload, name)
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
                file = self.files.file_in(storages, check_name(output.name))
                content = output.content()
            is_own = self._overwrites or file.location in change.obsolete
            overwrite = may_replace and bool(is_own)
            try:
                change.save(storages, output.name, content, part_of=name, overwrite=overwrite)
            except AlreadyExistsError:
                change.drop(change.saved[before:])
                raise

    def _may_replace(self, change: Change, name: str, storages: Storages) -> bool:
        """Whether a file of that name may go: the row's own, that no other row names."""
        if self.files.many or self._overwrites is not None:
            return bool(self._overwrites)
        with refused(name):
            file = self.files.file_in(storages, check_name(name))
        return file.location in change.obsolete and not is_shared(change, file)

    def _assign(self, change: Change, names: list[str], storages: Storages) -> None:
        files = self.files
        value: Any = names if files.many else next(iter(names), None)
        setattr(change.obj, change.attribute, value)
        storage_type, bucket_name = location_of(storages.current) if value else ("", "")
        if files.storage_type_field:
            setattr(change.obj, files.storage_type_field, storage_type)
        if files.bucket_name_field:
            setattr(change.obj, files.bucket_name_field, bucket_name)
        if files.filesize_field and not files.many:
            size = change.saved[0].stored.size if change.saved else 0
            setattr(change.obj, files.filesize_field, size)
