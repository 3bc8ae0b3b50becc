"""Which uploads are refused, by their name, size and content."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from s3_saver import check_name
from untrusted_files import clean_filename, extension_of, human_size, measure

from ..._flask_admin import gettext
from ..._refusals import refused
from ..finding._options import FileOptions
from ._content import better_name, is_genuine, is_hidden_markup
from ._names import unsafe_extensions
from ._outputs import Outputs


@dataclass(frozen=True, eq=False)
class Checks:
    """Refuses uploads.

    :param is_file_allowed: whether a name has an extension that is allowed.
    :param outputs: makes what is stored, and refuses what it cannot be made of.
    """

    options: FileOptions
    is_file_allowed: Callable[[str], bool]
    outputs: Outputs

    def check_upload(self, upload: FileStorage) -> None:
        """Refuse a file that must not be stored, by its own name, cleaned, which it has while it is
        kept for its form.

        :raises ValidationError: the message says why.
        """
        name = clean_filename(upload.filename)
        if not self.is_file_allowed(name):
            raise ValidationError(self._extension_refusal())
        most = self.options.max_bytes
        if most is not None and (size := measure(upload.stream)) > most:
            raise ValidationError(
                gettext(
                    "This file is %(size)s; the limit is %(limit)s.",
                    size=human_size(size),
                    limit=human_size(most),
                )
            )
        self.check_file(upload, name)

    def check_file(self, upload: FileStorage, name: str) -> None:
        """Refuse a file that must not be stored under this name.

        :raises ValidationError: the message says why.
        """
        with refused(name):
            check_name(name)
        # What namegen leaves without an extension is harmless.
        if extension_of(name) and not self.is_file_allowed(name):
            raise ValidationError(self._extension_refusal())
        for extension in self._refused_extensions(name):
            text = gettext(
                "Files with .%(extension)s in their name are not accepted here.",
                extension=extension,
            )
            raise ValidationError(text)
        self.outputs.check(upload, name)
        if not is_genuine(upload.stream, name):
            raise ValidationError(self._content_refusal(upload))
        if is_hidden_markup(upload.stream, name, self._allowed):
            raise ValidationError(gettext("HTML, SVG and XML files are not accepted here."))

    @property
    def _allowed(self) -> list[str]:
        return [one.lower() for one in self.options.allowed_extensions or ()]

    def _refused_extensions(self, name: str) -> list[str]:
        allowed = self._allowed
        return [one for one in unsafe_extensions(name) if one not in allowed]

    def _content_refusal(self, upload: FileStorage) -> str:
        # By the name that people know, not the one under which the file is stored.
        name = clean_filename(upload.filename)
        better = better_name(upload.stream, name)
        if better == name or not self.is_file_allowed(better) or self._refused_extensions(better):
            return gettext("This file is damaged, or not what its name says: choose another one.")
        return gettext("This file is not what its name says: rename it to %(name)s.", name=better)

    def _extension_refusal(self) -> str:
        extensions = ", ".join(f".{one}" for one in self._allowed)
        allowed = gettext("Allowed: %(extensions)s", extensions=extensions)
        return f"{gettext('Invalid file extension')}. {allowed}"
