"""Text into URL parts, percent-encoded once by RFC 3986: keys, queries and fragments."""

from collections.abc import Callable, Mapping

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
encode_anchor = _encoder("%!#$&'()*+,/:;=?@")


def object_key(endpoint: str, filename: str | None) -> str:
    """The key of a file below an endpoint, checked for what no URL can carry to S3."""
    if not isinstance(endpoint, str):
        raise TypeError(f"endpoint={endpoint!r}: a str, such as 'static', or '' for none")
    if filename and not isinstance(filename, str):
        raise TypeError(f"filename={filename!r}: a str, such as 'pics/logo.png'")
    filename = filename.lstrip("/") if filename else ""
    if not filename:
        raise ValueError("filename is required: the object's key, below the endpoint")
    endpoint = endpoint.strip("/")
    key = f"{endpoint}/{filename}" if endpoint else filename
    if fault := _find_fault(key):
        raise ValueError(f"endpoint={endpoint!r}, filename={filename!r}: {fault}")
    return key


def _find_fault(key: str) -> str | None:
    if "/." in f"/{key}" and not {".", ".."}.isdisjoint(key.split("/")):
        return "a segment '.' or '..' is removed on the way (RFC 3986, section 5.2.4)"
    if "\0" in key:
        return "has a NUL character"
    if key.isascii() and len(key) <= 1024:
        return None
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        return f"has no UTF-8 form ({error.reason})"
    return f"an S3 key has at most 1,024 bytes, this {length:,}" if length > 1024 else None


def query_pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Encoded names and values as flask.url_for takes them: lists repeat the name, None is left
    out.
    """
    return [
        (encode_query(name), encode_query(str(item)))
        for name, value in values.items()
        for item in (value if isinstance(value, list | tuple | set) else [value])
        if item is not None
    ]


def join_query(pairs: list[tuple[str, str]]) -> str:
    return "&".join([f"{name}={value}" for name, value in pairs])
