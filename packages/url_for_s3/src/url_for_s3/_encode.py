"""Text into URL parts, percent-encoded once by RFC 3986: keys, queries and fragments."""

from collections.abc import Callable, Mapping

from ._checks import check_encodable, check_text
from .exceptions import ArgumentError, ArgumentTypeError

# RFC 3986, section 2.3; what SigV4 leaves alone too.
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def _encoder(kept: str = "") -> Callable[[str], str]:
    safe = (_UNRESERVED + kept).encode()
    table = [chr(byte) if byte in safe else f"%{byte:02X}" for byte in range(256)]

    def encode(text: str) -> str:
        data = text.encode()
        if not data.translate(None, safe):  # most keys: nothing is left without the safe bytes
            return text
        return "".join([table[byte] for byte in data])

    return encode


encode_key = _encoder("/")
encode_query = _encoder()
# What flask.url_for leaves alone; with "%", so that what is encoded already stays as it is.
_encode_anchor = _encoder("%!#$&'()*+,/:;=?@")


def join_key(endpoint: str, filename: str | None) -> str:
    """Return the key of a file below an endpoint."""
    if not isinstance(endpoint, str):
        raise ArgumentTypeError("endpoint", endpoint, "a str such as 'static', or '' for none")
    if _looks_like_a_server(endpoint):
        raise ArgumentError(
            "endpoint",
            f"...{endpoint[endpoint.rindex('@') :]}" if "@" in endpoint else endpoint,
            "the start of the key, such as 'static', or '' for none",
            ": did you mean endpoint_url? That names the server",
        )
    if filename:
        check_text("filename", filename, "pics/logo.png")
        filename = filename.lstrip("/")
    if not filename:
        raise ArgumentError("filename", filename, "the object's key, below the endpoint")
    endpoint = endpoint.strip("/")
    key = f"{endpoint}/{filename}" if endpoint else filename
    if fault := _find_fault(key):
        # Which of the two is at fault is plain, unless it is the length of both.
        is_endpoints = bool(endpoint) and "at most" not in fault and _find_fault(endpoint) == fault
        name, value = ("endpoint", endpoint) if is_endpoints else ("filename", filename)
        raise ArgumentError(name, value, _KEY_RULE, f": {fault}")
    return key


def check_key(key: object) -> str:
    """Check a key for what no URL can carry to S3."""
    check_text("key", key, "pics/logo.png")
    text = str(key)
    if fault := _find_fault(text):
        raise ArgumentError("key", key, _KEY_RULE, f": {fault}")
    return text


_KEY_RULE = "a key that a URL can carry"


def _find_fault(key: str) -> str | None:
    if not key:
        return "it is empty"
    if "/." in f"/{key}" and not {".", ".."}.isdisjoint(key.split("/")):
        return "a segment '.' or '..' is removed on the way (RFC 3986, section 5.2.4)"
    if "\0" in key:
        return "it has a NUL character"
    if key.isascii() and len(key) <= 1024:
        return None
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        return f"it has no UTF-8 form ({error.reason})"
    return f"an S3 key has at most 1,024 bytes, this {length:,}" if length > 1024 else None


def _looks_like_a_server(endpoint: str) -> bool:
    if "://" in endpoint:
        return True
    host, colon, port = endpoint.strip("/").rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        return True
    return ".amazonaws.com" in endpoint


def query_pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Encoded names and values as flask.url_for takes them: lists repeat the name, None is left
    out.
    """
    for value in values.values():
        if isinstance(value, bytes | bytearray | dict):  # str() of it would be Python's own form
            raise ArgumentTypeError("query", value, "of texts and numbers, or lists of such")
    try:
        return [
            (encode_query(name), encode_query(str(item)))
            for name, value in values.items()
            for item in (value if isinstance(value, list | tuple | set | frozenset) else [value])
            if item is not None
        ]
    except UnicodeEncodeError as error:
        raise ArgumentError("query", error.object, "text that has a UTF-8 form") from error


def join_query(pairs: list[tuple[str, str]]) -> str:
    return "&".join([f"{name}={value}" for name, value in pairs])


def encode_anchor(anchor: object) -> str:
    """Return a URL's fragment with its sign, or ``''`` for None."""
    if anchor is None:
        return ""
    check_text("_anchor", anchor, "page=2")
    text = str(anchor)
    check_encodable("_anchor", text)
    return f"#{_encode_anchor(text)}"
