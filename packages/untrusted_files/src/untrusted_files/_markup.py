"""HTML and XML by their bytes, whatever the name says.

HTML as browsers recognize it (https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type),
and by more elements than they do; XML by its declaration or a root element that is well known.
"""

import re

from ._bounded import BoundedReader
from ._text import decode_utf16

_XML = "application/xml"
_HTML = "text/html"
_MHTML = "message/rfc822"

_ROOTS = {
    "svg": "image/svg+xml",
    "rss": "application/rss+xml",
    "feed": "application/atom+xml",
    "gpx": "application/gpx+xml",
    "kml": "application/vnd.google-earth.kml+xml",
    "math": "application/mathml+xml",
    "stylesheet": "application/xslt+xml",
    "transform": "application/xslt+xml",
    "rdf": _XML,
    "smil": "application/smil+xml",
    "xliff": "application/xliff+xml",
}
# Elements at which a browser, or a careless program, begins to see HTML.
_HTML_ELEMENTS = frozenset(
    """a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big
    blink blockquote body br button canvas caption center cite code col colgroup datalist dd del
    details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins kbd keygen
    label legend li link listing main map mark marquee menu meta meter nav nobr noembed noframes
    noscript object ol optgroup option output p param picture plaintext pre progress q rp rt ruby s
    samp script search section select slot small source span strike strong style sub summary sup
    table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr
    xmp""".split()  # noqa: SIM905 - as a list it has a line for each
)

_SPACE = " \t\n\f\r"
_BLANKS = re.compile(r"[ \t\n\f\r]*")
_ELEMENT = re.compile(r"<(?:[a-z_][\w.-]*:)?([a-z_][\w.-]*)(?=[\s/>]|$)", re.IGNORECASE)
_DOCTYPE_ROOT = re.compile(r"<!doctype\s+(?:[\w.-]+:)?([\w.-]+)", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype\s[^\[>]*+(?>(?:\[[^\]]*+\]\s*+)?)>", re.IGNORECASE)
# Only XML has names of these; the element may be any.
_NAMESPACE = re.compile(r"<[^<>]*?\sxmlns(?::[\w.-]+)?\s*=")
_WIDE_LITTLE, _WIDE_BIG = re.compile(rb"<\0[?!a-zA-Z]\0"), re.compile(rb"\0<\0[?!a-zA-Z]")
_MAX_STEPS = 64
_MULTIPART = re.compile(r"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"[\w-]{1,60}:")  # of mail, RFC 5322 section 2.2


def read_markup(reader: BoundedReader) -> tuple[str, ...]:
    """Return the type of a file as the only one; none if it is no markup."""
    text = _decoded(reader)
    if text.startswith("<"):
        found = _type_of_markup(text)
    elif _FIELD.match(text) and _MULTIPART.search(text):
        found = _MHTML  # RFC 2557
    else:
        found = None
    return (found,) if found else ()


def _type_of_markup(text: str) -> str | None:
    is_xml = text.startswith("<?xml") and text[5:6] in _SPACE
    root, place, has_comment = _find_root(text)
    if is_xml and root == "html":
        return "application/xhtml+xml"
    if root in _ROOTS:
        return _ROOTS[root]
    if is_xml:
        return _XML
    if root in _HTML_ELEMENTS:
        return _HTML
    if root and _NAMESPACE.match(text, place):
        return _XML
    return _HTML if has_comment else None


def _find_root(text: str) -> tuple[str | None, int, bool]:
    """The first element's name, without its prefix, and its place; and whether a comment stands
    before it. What a document type declares to be the first element counts, if it is known.
    """
    place, has_comment = 0, False
    for _ in range(_MAX_STEPS):
        place = _BLANKS.match(text, place).end()  # type: ignore[union-attr]
        if text.startswith("<!--", place):
            has_comment = True
            end = text.find("-->", place + 4)
        elif text.startswith("<?", place):
            end = text.find("?>", place)
        elif declared := _DOCTYPE_ROOT.match(text, place):
            root = declared[1].lower()
            whole = _DOCTYPE.match(text, place)
            if root in _ROOTS or root == "html":
                return root, place, has_comment
            end = whole.end() - 1 if whole else -1
        else:
            found = _ELEMENT.match(text, place)
            return (found[1].lower() if found else None), place, has_comment
        if end < 0:
            break
        place = text.index(">", end) + 1
    return None, place, has_comment


def _decoded(reader: BoundedReader) -> str:
    head = reader.head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = decode_utf16(head, is_whole=len(head) == reader.size) or ""
    elif _WIDE_LITTLE.match(head):
        text = head.decode("utf-16-le", errors="replace")  # XML 1.0, appendix F.1
    elif _WIDE_BIG.match(head):
        text = head.decode("utf-16-be", errors="replace")
    else:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return text.removeprefix("\ufeff").lstrip(_SPACE)
