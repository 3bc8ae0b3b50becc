"""Hosts and endpoint URLs: what an app was given, checked, as browsers send them."""

from ._checks import has_controls
from .exceptions import ArgumentError

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_DIGITS = frozenset("0123456789")
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


def check_host(argument: str, value: str) -> str:
    """Return a host with its optional port in lower case, as HTTP clients send it."""
    host, port = split_port(value)
    if not _is_host(host) or not _is_port(port):
        raise ArgumentError(
            argument,
            without_password(value),
            "a host name with an optional port, such as 'cdn.example.com', without a scheme or a"
            " path",
            _hint_of(host),
        )
    return value.lower()


def without_default_port(scheme: str, host: str) -> str:
    """Return the host as HTTP clients send it, who leave out the port that goes without saying."""
    return host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))


def check_endpoint_url(argument: str, value: str) -> tuple[str, str, str]:
    """Return the scheme, the host with its port, and the path without a slash at its end."""
    shown = without_password(value)
    if shown != value:
        raise ArgumentError(
            argument, shown, "without a user and password", ": pass them as credentials"
        )
    if has_controls(value):
        raise ArgumentError(argument, value, "without control characters")
    scheme, separator, rest = value.partition("://")
    host, slash, path = rest.partition("/")
    scheme = scheme.lower()
    if scheme not in {"https", "http"} or not separator or frozenset("?#") & frozenset(rest):
        raise ArgumentError(argument, value, _ENDPOINT_RULE)
    name, port = split_port(host)
    if not _is_host(name) or not _is_port(port):
        raise ArgumentError(argument, value, _ENDPOINT_RULE, _hint_of(name))
    path = f"{slash}{path}".rstrip("/")
    if path and (fault := _find_path_fault(path)):
        raise ArgumentError(argument, value, "of a path that browsers send as it is", f": {fault}")
    return scheme, host.lower(), path


_ENDPOINT_RULE = (
    "'http://' or 'https://', a host, and optionally a port and a path, such as"
    " 'http://127.0.0.1:9000'"
)


def _hint_of(host: str) -> str:
    return "" if host.isascii() else ": write it in ASCII, as browsers send it, beginning with xn--"


def without_password(value: str) -> str:
    """Return a URL or host as it may be shown: without what stands before an ``@``."""
    return f"...{value[value.rindex('@') :]}" if "@" in value else value


def holds_bucket(host: str, path: str, bucket_name: str) -> str | None:
    """Return the part of an endpoint that is the bucket's name already, or None.

    A private link's endpoint on Amazon begins with the word "bucket", whatever the bucket's name
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html).
    """
    name = bucket_name.lower()
    if host.startswith(f"{name}.") and not host.startswith("bucket.vpce-"):
        return f"{bucket_name}."
    if path.rpartition("/")[2] == bucket_name:
        return f"/{bucket_name}"
    return None


def has_subdomains(host: str) -> bool:
    """Report whether names below a host can resolve: not below an IP address, localhost, or a
    container's name.
    """
    name, _ = split_port(host)
    return "." in name and not name.startswith("[") and not looks_like_ipv4(name)


def looks_like_ipv4(name: str) -> bool:
    labels = name.split(".")
    return len(labels) == 4 and all(_is_number(label) for label in labels)


def split_port(host: str) -> tuple[str, str]:
    """Return the name and the port with its colon, or ``''``."""
    name, colon, port = host.rpartition(":")
    return (name, f":{port}") if colon and "]" not in port else (host, "")


def _is_port(port: str) -> bool:
    number = port[1:]
    # Browsers drop a lone colon and leading zeros, which are signed here.
    return not port or (
        _is_number(number) and len(number) <= 5 and number[0] != "0" and int(number) <= 65535
    )


def _is_host(name: str) -> bool:
    if name.startswith("["):
        return name.endswith("]") and _is_ipv6(name[1:-1])
    labels = name.removesuffix(".").split(".")
    if not name.isascii() or not all(
        label and _LETTERS | {"-", "_"} >= frozenset(label) for label in labels
    ):
        return False
    # Browsers read a name that ends in a number as an IPv4 address, and write it in four parts
    # (https://url.spec.whatwg.org/#ends-in-a-number-checker).
    if _is_number(labels[-1]) or labels[-1].lower().startswith("0x"):
        return len(labels) == 4 and all(
            _is_number(label) and str(int(label)) == label and int(label) <= 255 for label in labels
        )
    return True


def _is_ipv6(text: str) -> bool:
    from ipaddress import AddressValueError, IPv6Address  # 4 ms that only such hosts pay for

    try:
        # A scope belongs to one machine; browsers write the shortest form.
        return "%" not in text and IPv6Address(text).compressed == text.lower()
    except AddressValueError:
        return False


def _is_number(text: str) -> bool:
    return bool(text) and frozenset(text) <= _DIGITS


def _find_path_fault(path: str) -> str | None:
    if not _LETTERS | frozenset("-._~/%") >= frozenset(path):
        return "percent-encode it"
    if has_dot_segments(path):
        return "a segment '.' or '..' is removed on the way (RFC 3986, section 5.2.4)"
    return None


def has_dot_segments(path: str) -> bool:
    """Report whether browsers remove a segment of a path, also one that is percent-encoded."""
    segments = path.replace("%2e", ".").replace("%2E", ".").split("/")
    return not {".", ".."}.isdisjoint(segments)
