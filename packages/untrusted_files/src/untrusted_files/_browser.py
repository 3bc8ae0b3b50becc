"""Whether a browser may show or run a file, and the headers to send it with."""

import re
from urllib.parse import quote

from ._active_names import ACTIVE_EXTENSIONS, WRAPPINGS
from ._families import canonical_type, type_of_name
from ._names import clean_filename

_DEFAULT = "application/octet-stream"

# Shown in the browser's window, which runs nothing of them with the rights of the site.
_INLINE = frozenset({"application/pdf", "text/plain"})
_INLINE_FAMILIES = ("image/", "audio/", "video/")

# Documents with script besides HTML and XML. Types that browsers treat as XML:
# https://mimesniff.spec.whatwg.org/#xml-mime-type; text/xsl is one of Chromium's and WebKit's.
_ACTIVE = frozenset(
    """text/html text/xsl text/rdf text/xul text/x-component text/webviewhtml message/rfc822
    application/hta application/x-mimearchive application/x-shockwave-flash
    application/x-httpd-php""".split()  # noqa: SIM905 - as a list it has a line for each
)
# Types for which browsers sniff the bytes, and may find HTML
# (https://mimesniff.spec.whatwg.org/#mime-type-sniffing-algorithm).
_SNIFFED = frozenset({"unknown/unknown", "application/unknown", "*/*"})

# What can be the source of a script or of a style sheet on the site's own pages.
_SOURCES = frozenset({"text/javascript", "text/css", "application/wasm", "text/jscript"})

# RFC 9110, section 8.3.1.
_TYPE = re.compile(r"[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+", re.ASCII)

_SANDBOX = "default-src 'none'; sandbox"
# Chromium's page for a film or a sound loads it once more, which a sandbox does not let it do.
_PLAYER = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"


def is_active(content_type: str) -> bool:
    """Return whether a browser that opens such a file may run script from it, with the rights of
    the site that it comes from: HTML, XHTML, SVG and all other XML, MHTML.

    It also returns true for a text that is no content type, such as ``''``: browsers guess then.
    """
    plain = content_type.partition(";")[0].strip().lower()
    one = canonical_type(plain).lower()
    if one in _ACTIVE or one.endswith(("+xml", "/xml")) or plain.startswith("multipart/"):
        return True
    family, slash, kind = plain.partition("/")
    return plain in _SNIFFED or not (family and slash and kind)


def is_active_name(filename: str) -> bool:
    """Return whether a server may send a file of this name as a type that :func:`is_active`.

    Servers have tables of their own, so this knows more extensions than :func:`extensions_of`: the
    web's and Debian's. A file that is packed counts as what is inside, as ``page.html.gz`` does:
    some servers have browsers unpack it. Extensions that stand for no type are passed over, as
    Apache does: it sends ``page.html.old`` as HTML
    (https://httpd.apache.org/docs/current/mod/mod_mime.html#multipleext). The name counts as it is,
    and as it is when cleaned.
    """
    return any(_is_active_extension(name) for name in (filename, clean_filename(filename)))


def is_shown_inline(content_type: str) -> bool:
    """Return whether a browser may show this type in its window: pictures, sound, films, PDF and
    plain text. What can run script is not shown but downloaded.
    """
    one = canonical_type(content_type)
    if is_active(content_type) or not _TYPE.fullmatch(one):
        return False
    return one in _INLINE or one.startswith(_INLINE_FAMILIES)


def response_headers(content_type: str, filename: str = "") -> dict[str, str]:
    """Return the headers with which a stranger's file can be sent from the app's own origin.

    What is not shown inline is a download. The browser sniffs nothing
    (``X-Content-Type-Options``) and runs no script; pictures and text are also shown in an origin
    of their own (``Content-Security-Policy: sandbox``). PDF has no such policy, because its viewers
    do not work under it.

    :param content_type: the stored type; parameters are kept. Text without ``charset`` is sent as
        UTF-8.
    :param filename: the name under which it is saved; folders are left out.
    """
    is_inline = is_shown_inline(content_type)
    headers = {
        "Content-Type": _sent_type(content_type, is_inline=is_inline),
        "Content-Disposition": _disposition("inline" if is_inline else "attachment", filename),
        "X-Content-Type-Options": "nosniff",
    }
    if policy := _policy(canonical_type(content_type), is_inline=is_inline):
        headers["Content-Security-Policy"] = policy
    return headers


def _is_active_extension(filename: str) -> bool:
    # '.html' has no extension for us, and one for nginx.
    # No file has a longer name: what is before counts in its clean form.
    for part in reversed(filename.rpartition("/")[2][-1000:].casefold().split(".")[1:]):
        named = type_of_name(f"file.{part}")
        if part in ACTIVE_EXTENSIONS or (named and is_active(named)):
            return True
        if named and part not in WRAPPINGS:
            return False
    return False


def _policy(content_type: str, *, is_inline: bool) -> str | None:
    if content_type == "application/pdf":
        return None
    is_played = is_inline and content_type.startswith(("audio/", "video/"))
    return _PLAYER if is_played else _SANDBOX


def _sent_type(content_type: str, *, is_inline: bool) -> str:
    one = canonical_type(content_type)
    if not is_inline and one != "image/svg+xml" and (is_active(content_type) or one in _SOURCES):
        # Even a download can be the source of a script on the site's own pages; with this type
        # and nosniff it cannot. SVG keeps its own: as a picture's source it runs no script.
        return _DEFAULT
    plain, _, parameters = content_type.partition(";")
    kept = parameters.strip()
    if not _TYPE.fullmatch(one) or not all(" " <= char <= "~" for char in content_type):
        return _DEFAULT
    if not kept and one.startswith("text/"):
        kept = "charset=utf-8"
    return f"{plain.strip()}; {kept}" if kept else plain.strip()


def _disposition(kind: str, filename: str) -> str:
    """RFC 6266: the name in ASCII, and in full as RFC 8187 encodes it where that is more."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if char.isprintable())
    if not name:
        return kind
    plain = "".join(char if " " <= char <= "~" and char not in '"%\\' else "_" for char in name)
    if plain == name:
        return f'{kind}; filename="{name}"'
    encoded = quote(name, safe="!#$&+-.^_`|~", encoding="utf-8", errors="replace")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
