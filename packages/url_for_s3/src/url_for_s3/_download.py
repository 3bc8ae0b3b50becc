"""The Content-Disposition by which a browser saves an answer under a name (RFC 6266)."""

from ._checks import check_encodable, check_text, has_controls
from ._encode import encode_query
from .exceptions import ArgumentError

# What a quoted-string would escape, and what browsers decode there (RFC 6266, appendix D).
_UNSAFE = frozenset('"\\%')


def write_attachment(name: object) -> str:
    """Return the header for a name of any script: as ``filename``, and where that cannot hold the
    name, as ``filename*`` (RFC 8187) too. Slashes become ``_``, as browsers have it.
    """
    check_text("download_as", name, "report.pdf")
    text = str(name).replace("/", "_").replace("\\", "_")
    if not text.strip():
        raise ArgumentError("download_as", name, "a file's name such as 'report.pdf'")
    if has_controls(text):
        raise ArgumentError("download_as", name, "without line breaks and other control characters")
    check_encodable("download_as", text)
    simple = _to_ascii(text)
    header = f'attachment; filename="{simple}"'
    return header if simple == text else f"{header}; filename*=UTF-8''{encode_query(text)}"


def _to_ascii(text: str) -> str:
    if not text.isascii():
        from unicodedata import combining, normalize

        decomposed = normalize("NFKD", text)
        text = "".join([character for character in decomposed if not combining(character)])
    return "".join(
        [
            character if " " <= character <= "~" and character not in _UNSAFE else "_"
            for character in text
        ]
    )
