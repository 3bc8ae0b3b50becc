"""Names of uploads: cleaned without losing their letters, and looked at for what they hide."""

import os
import unicodedata
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

# Room for a suffix and an extension within the 255 bytes that a file name may have.
_MAX_STEM_BYTES = 180

# What a web server may be set up to run wherever in a name it stands
# (https://httpd.apache.org/docs/current/mod/mod_mime.html#multipleext).
_EXECUTED = frozenset(
    (
        *("asa", "asp", "aspx", "cer", "cfm", "cgi", "jsp", "jspx", "phar", "php", "php3", "php4"),
        *("php5", "php7", "php8", "phps", "pht", "phtml", "pl", "py", "shtml"),
    )
)

# Opened in a browser they run scripts on the origin that serves them.
_SCRIPTED = frozenset({"htm", "html", "svg", "svgz", "xhtml", "xml"})


def namegen_filename(obj: Any, file_data: FileStorage) -> str:  # noqa: ARG001 - as Flask-Admin's
    """Name a file as it was uploaded, made safe.

    ASCII names become what Flask-Admin makes of them; others keep their letters, where Flask-Admin
    turns ``日本.txt`` into ``txt``.
    """
    return clean_filename(file_data.filename or "")


def clean_filename(filename: str) -> str:
    if filename.isascii():
        return _shorten(secure_filename(filename) or "file")
    stem, extension = os.path.splitext(filename.replace("\\", "/").rpartition("/")[2])
    extension = secure_filename(extension)
    return _shorten((_clean(stem) or "file") + (f".{extension}" if extension else ""))


def _clean(text: str) -> str:
    # As secure_filename, but for letters of any script; marks are parts of letters in some.
    text = "_".join(unicodedata.normalize("NFC", text).split())
    kept = [char for char in text if char in "_.-" or unicodedata.category(char)[0] in "LMN"]
    return "".join(kept).strip("._")


def _shorten(filename: str) -> str:
    stem, extension = os.path.splitext(filename)
    return stem.encode()[:_MAX_STEM_BYTES].decode(errors="ignore") + extension


def extension_of(filename: str) -> str:
    """Give the extension in lower case, without its dot."""
    return os.path.splitext(filename)[1][1:].lower()


def can_run_scripts(filename: str) -> bool:
    """Tell whether a browser that opens such a file runs what scripts are in it."""
    return extension_of(filename) in _SCRIPTED


def hidden_extension(filename: str) -> str | None:
    """Give the executable extension that another one hides, as ``php`` in ``evil.php.png``."""
    inner = clean_filename(filename).lower().split(".")[1:-1]
    return next((part for part in inner if part in _EXECUTED), None)
