"""Which files are accepted, and the messages for those that are not."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import IO, TYPE_CHECKING, Any

from ._families import (
    canonical_type,
    extensions_of,
    fits_name,
    name_for,
    type_of_name,
    types_of_name,
)
from ._matching import matches
from ._names import clean_filename, extension_of
from ._rule_values import (
    Dimensions,
    check_agreement,
    check_order,
    clean_check,
    clean_dimensions,
    clean_extensions,
    clean_flag,
    clean_limits,
    clean_max_bytes,
    clean_types,
)
from ._sniff import possible_types
from ._streams import measure
from ._text import is_utf8
from ._words import human_size, name_of, one_of, with_article
from .exceptions import (
    TooLargeError,
    WrongDimensionsError,
    WrongExtensionError,
    WrongTypeError,
)

if TYPE_CHECKING:  # which needs Pillow
    from .pictures import Limits

#: The content type of files of an unknown type.
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """The properties of a file that keeps the rules.

    :param name: the client's file name, cleaned.
    :param content_type: what the bytes are; ``'application/octet-stream'`` if it is not known.
    :param size: in bytes.
    :param width: of a picture as it is seen, in pixels; ``None`` if no rule asked for it.
    :param height: likewise.
    """

    name: str
    content_type: str
    size: int
    width: int | None = None
    height: int | None = None


Check = Callable[[IO[bytes], CheckedFile], object]


@dataclass(frozen=True, init=False)
class Rules:
    """Which files are accepted. Rules are immutable, can be compared, and can be shared.

    :param max_bytes: the largest size, in bytes.
    :param types: allowed content types, by what the bytes are: ``('image/png', 'image/jpeg')``, or
        ``('image/*',)``. A wildcard leaves out what can hold script, such as SVG and HTML. With
        types, the name's extension must agree with the bytes.
    :param extensions: allowed extensions of the file's name: ``('jpg', 'jpeg')``.
    :param min_dimensions: least width and height of a picture, in pixels. Only the header is read.
    :param max_dimensions: greatest width and height, likewise.
    :param is_picture: the file must be a picture that can be decoded. Broken ones are refused.
    :param limits: what decoding may take, a :class:`~untrusted_files.pictures.Limits`; by default,
        its defaults.
    :param utf8: the file must be text in UTF-8, with or without a byte order mark.
    :param check: your own check, such as a virus scanner: ``check(stream, checked_file)`` raises a
        :exc:`RejectedError` whose message is for the person who uploads. It runs last.
    :raises ArgumentError: a value is wrong, or no file could keep the rule.
    :raises MissingLibraryError: dimensions or limits are given, and Pillow is not installed.
    """

    max_bytes: int | None
    types: tuple[str, ...]
    extensions: tuple[str, ...]
    min_dimensions: Dimensions | None
    max_dimensions: Dimensions | None
    is_picture: bool
    limits: "Limits | None"
    utf8: bool
    own_check: Check | None

    def __init__(
        self,
        *,
        max_bytes: int | None = None,
        types: tuple[str, ...] = (),
        extensions: tuple[str, ...] = (),
        min_dimensions: Dimensions | None = None,
        max_dimensions: Dimensions | None = None,
        is_picture: bool = False,
        limits: "Limits | None" = None,
        utf8: bool = False,
        check: Check | None = None,
    ) -> None:
        clean_check(check)
        cleaned = {
            "max_bytes": clean_max_bytes(max_bytes),
            "types": clean_types(types),
            "extensions": clean_extensions(extensions),
            "min_dimensions": clean_dimensions("min_dimensions", min_dimensions),
            "max_dimensions": clean_dimensions("max_dimensions", max_dimensions),
            "is_picture": clean_flag("is_picture", is_picture),
            "limits": clean_limits(limits),
            "utf8": clean_flag("utf8", utf8),
            "own_check": check,
        }
        for name, value in cleaned.items():
            object.__setattr__(self, name, value)
        if self.min_dimensions and self.max_dimensions:
            check_order(self.min_dimensions, self.max_dimensions)
        check_agreement(self.types, self.extensions, is_picture=self.is_picture, is_text=self.utf8)

    def replace(self, **changes: Any) -> "Rules":
        """Return the same rules with other arguments: ``PICTURES.replace(max_bytes=1_000_000)``.

        :raises ArgumentError: a value is wrong.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["check"] = values.pop("own_check")
        return Rules(**values | changes)

    def check(self, file: IO[bytes], filename: str | None) -> CheckedFile:
        """Check a file's size, name, bytes and dimensions.

        :param file: a seekable binary stream; it is left open, at its start.
        :param filename: as the client sent it; what is judged is its clean form. A file without a
            name gets one by its bytes.
        :raises RejectedError: one of its kinds, for the first rule that is broken.
        :raises ArgumentError: *file* is no open binary stream that can be rewound.
        :raises MissingLibraryError: *is_picture* is set, and Pillow is not installed.
        """
        size = measure(file)
        self.check_size(size)
        name = clean_filename(filename) if filename else self._name_by_bytes(file)
        self.check_extension(name)
        possible = possible_types(file, name)
        if not size and not any(map(self._allows, possible)) and self.types:
            raise WrongTypeError(f"This file is empty. {self._choose()}", content_type=None)
        content_type = self._check_type(possible, name)
        if self.utf8 and not is_utf8(file):
            raise WrongTypeError(
                "This text is not in UTF-8: save it as UTF-8 and choose it again.",
                content_type=content_type,
            )
        width, height = self._check_picture(file)
        checked = CheckedFile(
            name=name,
            content_type=content_type or UNKNOWN_TYPE,
            size=size,
            width=width,
            height=height,
        )
        if self.own_check:
            self.own_check(file, checked)
        file.seek(0)
        return checked

    def check_promise(self, filename: str | None, size: int, content_type: str = "") -> None:
        """Check what a client announces before it sends any bytes.

        :param size: in bytes.
        :param content_type: what the client announces; it counts where the name stands for no type,
            and for pictures where it stands for several.
        :raises RejectedError: one of its kinds, for the first rule that is broken.
        """
        self.check_size(size)
        self.check_extension(filename)
        announced = canonical_type(content_type)
        promised = types_of_name(clean_filename(filename)) or (announced,)
        if self.is_picture and announced in promised:  # a name like .webm says less than a type
            promised = (announced,)
        if not any(self._allows(one) for one in promised):
            self._check_allowed(promised[0] or None)

    def check_size(self, size: int) -> None:
        """
        :raises TooLargeError: *size*, in bytes, is above *max_bytes*.
        """
        if self.max_bytes is not None and size > self.max_bytes:
            raise TooLargeError(
                f"This file is {human_size(size)}; the limit is {human_size(self.max_bytes)}.",
                size=size,
                max_bytes=self.max_bytes,
            )

    def check_extension(self, filename: str | None) -> None:
        """
        :raises WrongExtensionError: the name's extension is not an allowed one.
        """
        extension = extension_of(clean_filename(filename))
        if self.extensions and extension not in self.extensions:
            *most, last = (f".{allowed}" for allowed in self.extensions)
            endings = f"{', '.join(most)} or {last}" if most else last
            raise WrongExtensionError(
                f"Choose a file whose name ends in {endings}.", extension=extension
            )

    def accept(self) -> str:
        """Return the value for the attribute ``accept`` of an HTML file input; ``''`` for any."""
        kinds = [*self.types, *(f".{extension}" for extension in self.extensions)]
        # Some systems know a file's type only by extensions that the page names. An extension that
        # usually is of another type is left out: phones convert HEIC unless the page asks for it.
        names = (f".{one}" for kind in self.types for one in extensions_of(kind))
        named = (name for name in names if self._allows(type_of_name(f"a{name}") or UNKNOWN_TYPE))
        return ",".join(dict.fromkeys([*kinds, *named]))

    def _name_by_bytes(self, file: IO[bytes]) -> str:
        allowed = (one for one in possible_types(file) if self._allows(one))
        return name_for(next(allowed, UNKNOWN_TYPE), clean_filename(None))

    def _check_type(self, possible: tuple[str, ...], name: str) -> str | None:
        """Return the type of the file, among those that its bytes allow."""
        allowed = [one for one in possible if self._allows(one)]
        fitting = [one for one in allowed if fits_name(one, name)]
        content_type = next(iter([*fitting, *allowed, *possible]), None)
        if not self.types or fitting:
            return content_type
        self._check_allowed(content_type)
        if content_type:
            found = with_article(name_of(content_type))
            raise WrongTypeError(
                f"This file is {found}, but its name says something else: rename it to"
                f" {name_for(content_type, name)}.",
                content_type=content_type,
            )
        return content_type

    def _allows(self, content_type: str) -> bool:
        return not self.types or any(matches(content_type, one) for one in self.types)

    def _check_allowed(self, content_type: str | None) -> None:
        if content_type and self._allows(content_type):
            return
        found = f"This file is {with_article(name_of(content_type))}. " if content_type else ""
        raise WrongTypeError(f"{found}{self._choose()}", content_type=content_type)

    def _choose(self) -> str:
        return f"Choose {one_of(name_of(one) for one in self.types)}."

    def _check_picture(self, file: IO[bytes]) -> tuple[int, int] | tuple[None, None]:
        if not (self.is_picture or self.min_dimensions or self.max_dimensions):
            return None, None
        from . import pictures  # which needs Pillow

        limits = self.limits or pictures.Limits()
        read = pictures.check_picture if self.is_picture else pictures.read_info
        info = read(file, limits=limits)
        width, height = info.width, info.height
        for limit, is_broken, word in (
            (self.min_dimensions, _is_below, "minimum"),
            (self.max_dimensions, _is_above, "maximum"),
        ):
            if limit and is_broken((width, height), limit):
                raise WrongDimensionsError(
                    f"This picture is {width} × {height} pixels; the {word} is"
                    f" {limit[0]} × {limit[1]}.",
                    dimensions=(width, height),
                )
        return width, height


def _is_below(size: Dimensions, limit: Dimensions) -> bool:
    return size[0] < limit[0] or size[1] < limit[1]


def _is_above(size: Dimensions, limit: Dimensions) -> bool:
    return size[0] > limit[0] or size[1] > limit[1]
