"""What bytes are, by the bytes; and what a browser may show of it."""

import codecs
from typing import IO, cast

import filetype  # type: ignore[import-untyped]

from s3_saver import guess_content_type

from ._names import extension_of

DEFAULT_TYPE = "application/octet-stream"

_HEAD_BYTES = 8192  # what filetype looks at

# Whatever a browser shows without running any of it as the site's own; the rest is downloaded.
_INLINE = {"application/pdf", "text/plain"}
_INLINE_FAMILIES = ("image/", "audio/", "video/")
_ACTIVE = {"image/svg+xml"}  # in one of these families, but it can hold script


def read_head(file: IO[bytes]) -> bytes:
    """Read what :func:`sniff` needs, from the start; the stream is left at its start."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    return head


def sniff(head: bytes, name: str) -> str | None:
    """Tell the content type of a file that begins with *head*; ``None`` if nobody knows.

    Text has no signature: it is what the name says, if that is a kind of text and the bytes are
    UTF-8. All else goes by the bytes alone.
    """
    promised = type_by_name(name)
    if promised and _is_textual(promised) and _looks_like_text(head):
        return promised
    kind = filetype.guess(head) if head else None
    return cast("str", kind.mime) if kind else None


def type_by_name(name: str) -> str | None:
    """Tell the content type that a name's extension promises."""
    if known := filetype.get_type(ext=extension_of(name)):
        return cast("str", known.mime)
    guessed = guess_content_type(name)
    return None if guessed == DEFAULT_TYPE else guessed


def fits_name(content_type: str, name: str) -> bool:
    """Tell whether bytes of this type may bear this name."""
    known = filetype.get_type(ext=extension_of(name))
    guessed = guess_content_type(name)
    return content_type == (known and known.mime) or content_type == guessed != DEFAULT_TYPE


def matches(content_type: str, pattern: str) -> bool:
    """Tell whether a type is what *pattern* allows: ``'image/png'``, or ``'image/*'``.

    A wildcard leaves out what can hold script: SVG has to be named.
    """
    if pattern.endswith("/*"):
        return content_type.startswith(pattern[:-1]) and content_type not in _ACTIVE
    return content_type == pattern


def known_types() -> set[str]:
    """Give the types that bytes can be found to be, but for those of text."""
    return {kind.mime for kind in filetype.TYPES}


def can_be_found(pattern: str) -> bool:
    """Tell whether there are types that *pattern* allows, as :func:`matches` understands it."""
    if pattern == "text/*" or _is_textual(pattern):
        return True
    return any(matches(one, pattern) for one in known_types())


def shown_inline(content_type: str) -> bool:
    """Tell whether a browser may show this type in its window; if not, it is to be downloaded."""
    base = content_type.partition(";")[0].strip().lower()
    return base in _INLINE or (base.startswith(_INLINE_FAMILIES) and base not in _ACTIVE)


def _is_textual(content_type: str) -> bool:
    return (
        content_type.startswith("text/")
        or content_type.endswith(("+xml", "+json"))
        or content_type in ("application/json", "application/xml", "application/yaml")
    )


def _looks_like_text(head: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # Of a longer file the last character may be cut in two.
        text = decoder.decode(head, final=len(head) < _HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return not any(character < " " and character not in "\t\n\r\f\x1b" for character in text)
