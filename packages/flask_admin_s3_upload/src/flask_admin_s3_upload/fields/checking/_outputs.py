"""What is stored of an upload: the file itself, or a picture and its thumbnail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.datastructures import FileStorage

from ..._refusals import refused
from ._picture_options import PictureOptions

if TYPE_CHECKING:
    from untrusted_files.pictures import Picture


class Output(NamedTuple):
    """A file to store for an upload: its name, and how to make its content."""

    name: str
    content: Callable[[], Any]


class Outputs:
    """Stores uploads as they are."""

    def check(self, upload: FileStorage, name: str) -> None:
        """Refuse what cannot be stored.

        :raises ValidationError: the message says why.
        """

    def of(self, upload: FileStorage, filename: str) -> list[Output]:
        """Return what to store for an upload, the file itself first."""
        return [Output(filename, lambda: upload.stream)]


@dataclass(eq=False)
class PictureOutputs(Outputs):
    """Stores pictures that were decoded, no larger than they may be, and their thumbnails."""

    options: PictureOptions
    _opened: "tuple[FileStorage, Picture] | None" = None
    _checked: set[FileStorage] = field(default_factory=set)

    def check(self, upload: FileStorage, name: str) -> None:
        if upload not in self._checked:
            with refused(name):
                self._open(upload).check()
            self._checked.add(upload)

    def of(self, upload: FileStorage, filename: str) -> list[Output]:
        from ._pictures import is_larger, shrink, stored_as

        options = self.options
        with refused(filename):
            picture = self._open(upload)
        name, format = stored_as(filename, picture.info.format, options.formats)
        keeps_bytes = picture.info.format == format and not is_larger(picture, options.max_size)
        main = partial(shrink, picture, options.max_size, format)
        outputs = [Output(name, (lambda: upload.stream) if keeps_bytes else main)]
        if options.thumbnail_size:
            thumbnail = partial(shrink, picture, options.thumbnail_size, format)
            outputs.append(Output(options.thumbgen(name), thumbnail))
        return outputs

    def _open(self, upload: FileStorage) -> "Picture":
        """Open a picture, or return it if it was the last one. Its pixels take much memory, so no
        more than one is kept.
        """
        from untrusted_files.pictures import Limits, open_picture

        if self._opened is None or self._opened[0] is not upload:
            limits = Limits.of_pixels(self.options.max_pixels)
            self._opened = upload, open_picture(upload.stream, limits=limits)
        return self._opened[1]
