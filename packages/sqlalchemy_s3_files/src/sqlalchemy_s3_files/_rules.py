"""What rules are, for a column: untrusted_files.Rules keeps this, and so can your own."""

from typing import IO, Protocol


class CheckedFile(Protocol):
    """What rules know of a file that keeps them."""

    @property
    def name(self) -> str:
        """The client's file name, cleaned."""
        ...

    @property
    def content_type(self) -> str:
        """What the bytes are, such as ``'image/png'``."""
        ...

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    @property
    def width(self) -> int | None:
        """Of a picture, in pixels; ``None`` if it is not known."""
        ...

    @property
    def height(self) -> int | None:
        """Likewise."""
        ...


class FileRules(Protocol):
    """Which files a column accepts."""

    def check(self, file: IO[bytes], filename: str | None, /) -> CheckedFile:
        """Check a file, and raise if it breaks a rule.

        :param file: a seekable binary stream. It is left open, at its start.
        :param filename: as the client sent it.
        """
        ...
