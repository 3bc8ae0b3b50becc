"""What an app adds: pictures of files that are none, and what is done to thumbnails."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from untrusted_files import sniff_content_type

from ..exceptions import BrokenImageError, ConfigError, OptionError

#: Returns a picture of a file, such as the first page of a PDF: its bytes, or a stream of them.
SourceFunction = Callable[[BinaryIO], bytes | BinaryIO]

#: Takes an image of the mode RGB or RGBA, and returns one of the same size.
Processor = Callable[[Image.Image], Image.Image]

_TYPE = re.compile(r"[a-z]+/(?:\*|[a-z0-9][a-z0-9.+-]*)").fullmatch
_PROCESSOR = re.compile(r"[a-z][a-z0-9]*").fullmatch
_QUICKLY = 1  # how PNG is compressed that is read again at once


@dataclass(frozen=True)
class Hooks:
    """The functions of an app.

    :param sources: by content type, or by a group of them such as ``'video/*'``.
    :param processors: by the name that templates and aliases have for them.
    :raises ConfigError: one of them is none.
    """

    sources: Mapping[str, SourceFunction] = field(default_factory=dict)
    processors: Mapping[str, Processor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check("sources", self.sources, _TYPE, "content types such as 'application/pdf'")
        _check("processors", self.processors, _PROCESSOR, "names of a-z and 0-9 such as 'gray'")

    def check_processors(self, names: Iterable[str]) -> None:
        """Raise OptionError if one of them is not there."""
        for name in names:
            if name not in self.processors:
                known = ", ".join(map(repr, self.processors)) or "none"
                raise OptionError(
                    f"processors: {name!r} is not known ({known} are): pass "
                    f"Thumbnail(processors={{{name!r}: function}})"
                )

    def source_of(self, content_type: str) -> SourceFunction | None:
        """Return what makes a picture of files of a type."""
        group = f"{content_type.partition('/')[0]}/*"
        return self.sources.get(content_type) or self.sources.get(group)

    def picture_of(self, file: BinaryIO, name: str, most: int) -> bytes | None:
        """Return the picture that a function makes of a file; ``None`` if the file is one itself.

        :param most: how many bytes it may have; one more is read.
        :raises BrokenImageError: the function fails, or returns something else.
        """
        if not self.sources:
            return None
        content_type = sniff_content_type(file, name) or ""
        function = self.source_of(content_type)
        if not function:
            return None
        try:
            made = function(file)
        except Exception as error:  # of any program that it calls
            raise BrokenImageError(f"no picture of {content_type}: {error!r}") from error
        if isinstance(made, bytes):
            return made[: most + 1]
        if not hasattr(made, "read"):
            raise BrokenImageError(
                f"no picture of {content_type}: its function returned {type(made).__name__}, and "
                "not bytes or a binary stream"
            )
        with made:
            return made.read(most + 1)

    def process(self, data: bytes, names: Iterable[str]) -> bytes:
        """Let processors work on a picture, one after the other; of an animation, on its first
        frame.

        :param data: PNG, and so is what is returned.
        :raises ConfigError: one returns no image of the same size.
        """
        with Image.open(BytesIO(data)) as opened:
            image = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
        size = image.size
        for name in names:
            made: object = self.processors[name](image.copy())
            if not isinstance(made, Image.Image) or made.size != size:
                raise ConfigError(
                    f"processors[{name!r}] returned {made!r}: must be a PIL image of {size[0]}x"
                    f"{size[1]} pixels, as the one that it got"
                )
            image = made
        out = BytesIO()
        image.save(out, "PNG", compress_level=_QUICKLY)
        return out.getvalue()


def _check(argument: str, functions: object, is_key: Callable[[str], object], keys: str) -> None:
    if not isinstance(functions, Mapping):
        raise ConfigError(f"{argument}={functions!r}: must be a dict of functions by {keys}")
    for key, function in functions.items():
        if not isinstance(key, str) or not is_key(key):
            raise ConfigError(f"{argument}: {key!r} is no key of it, which are {keys}")
        if not callable(function):
            raise ConfigError(f"{argument}[{key!r}] must be a function, got {function!r}")
