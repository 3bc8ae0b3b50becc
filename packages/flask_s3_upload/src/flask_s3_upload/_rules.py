"""Which files are accepted, and the messages for those that are not."""

import os
from dataclasses import dataclass
from typing import IO

from ._dimensions import read_dimensions
from ._names import extension_of
from ._rule_checks import (
    Dimensions,
    check_order,
    clean_dimensions,
    clean_extensions,
    clean_max_bytes,
    clean_types,
)
from ._types import fits_name, matches, read_head, sniff
from .exceptions import (
    TooLargeError,
    WrongDimensionsError,
    WrongExtensionError,
    WrongTypeError,
)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which files are accepted.

    :param max_bytes: the largest size, in bytes.
    :param types: allowed content types, by what the bytes are: ``('image/png', 'image/jpeg')``, or
        ``('image/*',)``, which leaves out SVG, because that can hold script. With it, the name's
        extension must agree with the bytes.
    :param extensions: allowed extensions of the file's name: ``('jpg', 'jpeg')``.
    :param min_dimensions: least width and height of a picture, in pixels. Needs Pillow
        (``flask-s3-upload[images]``); only the header is read, nothing is decoded.
    :param max_dimensions: greatest width and height, likewise.
    :raises TypeError: a value is of the wrong type; likewise ValueError, if no file could keep the
        rule, as with a type that does not exist.
    :raises ConfigError: dimensions are given, and Pillow is not installed.
    """

    max_bytes: int | None = None
    types: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    min_dimensions: Dimensions | None = None
    max_dimensions: Dimensions | None = None

    def __post_init__(self) -> None:
        cleaned = {
            "max_bytes": clean_max_bytes(self.max_bytes),
            "types": clean_types(self.types),
            "extensions": clean_extensions(self.extensions),
            "min_dimensions": clean_dimensions("min_dimensions", self.min_dimensions),
            "max_dimensions": clean_dimensions("max_dimensions", self.max_dimensions),
        }
        for name, value in cleaned.items():
            object.__setattr__(self, name, value)
        if self.min_dimensions and self.max_dimensions:
            check_order(self.min_dimensions, self.max_dimensions)

    def check(self, file: IO[bytes], name: str) -> str | None:
        """Check a file's size, name, bytes and dimensions.

        :param file: a seekable binary stream; it is left at its start.
        :return: the content type that the bytes have, or ``None`` if nobody knows.
        :raises RejectedError: one of its kinds, for the first rule that is broken.
        """
        self.check_size(measure(file))
        self.check_extension(name)
        content_type = sniff(read_head(file), name)
        self._check_type(content_type, name)
        if self.min_dimensions or self.max_dimensions:
            self._check_dimensions(file)
        return content_type

    def check_size(self, size: int) -> None:
        if self.max_bytes is not None and size > self.max_bytes:
            raise TooLargeError(
                f"This file has {human_size(size)}; {human_size(self.max_bytes)} is the limit.",
                size=size,
                max_bytes=self.max_bytes,
            )

    def check_extension(self, name: str) -> None:
        extension = extension_of(name)
        if self.extensions and extension not in self.extensions:
            allowed = ", ".join(f".{extension}" for extension in self.extensions)
            raise WrongExtensionError(
                f"Files of this kind are not accepted; choose one of: {allowed}.",
                extension=extension,
            )

    def check_promise(self, name: str, content_type: str) -> None:
        """Check what a client says before it sends any bytes; that spares it the sending."""
        self.check_extension(name)
        self._check_allowed(content_type)

    def _check_type(self, content_type: str | None, name: str) -> None:
        if not self.types:
            return
        self._check_allowed(content_type)
        if content_type and not fits_name(content_type, name):
            raise WrongTypeError(
                f"This file is {content_type}, but its name says something else: rename it.",
                content_type=content_type,
            )

    def _check_allowed(self, content_type: str | None) -> None:
        if not self.types:
            return
        if content_type is None or not any(matches(content_type, one) for one in self.types):
            raise WrongTypeError(
                f"This file is {content_type or 'of an unknown type'};"
                f" accepted are: {', '.join(self.types)}.",
                content_type=content_type,
            )

    def _check_dimensions(self, file: IO[bytes]) -> None:
        found = read_dimensions(file)
        if found is None:
            raise WrongDimensionsError("This file is not a picture.", dimensions=None)
        for limit, word, broken in (
            (self.min_dimensions, "least", int.__lt__),
            (self.max_dimensions, "most", int.__gt__),
        ):
            if limit and any(map(broken, found, limit)):
                raise WrongDimensionsError(
                    f"This picture has {found[0]} × {found[1]} pixels;"
                    f" {limit[0]} × {limit[1]} is the {word}.",
                    dimensions=found,
                )


def measure(file: IO[bytes]) -> int:
    """Give a stream's size in bytes; it is left at its start."""
    if not file.seekable():
        raise ValueError(f"file must be a stream that can be rewound, got {file!r}")
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def human_size(size: int) -> str:
    """Give a size as people read it, such as ``'12.5 MB'``."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}" if unit != "bytes" else f"{size} bytes"
