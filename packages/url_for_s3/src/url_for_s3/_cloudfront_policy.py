"""What CloudFront is asked to allow: URLs and wildcards, times and addresses in, a policy out.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
"""

import re
from datetime import datetime

from ._checks import check_text
from ._hosts import check_host, has_dot_segments, without_default_port, without_password
from .exceptions import ArgumentError, ArgumentTypeError

# What browsers encode, or read as a slash (https://url.spec.whatwg.org/#path-percent-encode-set;
# Chromium encodes the bar, too).
_CHANGED_IN_PATH = frozenset('"<>\\^`{|}')
_CHANGED_IN_QUERY = frozenset("\"<>'")
_PARAMETERS = ("Expires=", "Policy=", "Signature=", "Key-Pair-Id=", "Hash-Algorithm=")


def write_policy(
    resource: str, ends_at: int, starts_at: int | None = None, ip_range: str | None = None
) -> bytes:
    """Return the bytes that are signed. Without a start and a range they are those that CloudFront
    writes for itself of a URL and its end, so every byte counts.
    """
    import json  # as cryptography, only for whoever signs

    condition: dict[str, dict[str, int | str]] = {"DateLessThan": {"AWS:EpochTime": ends_at}}
    if ip_range is not None:
        condition["IpAddress"] = {"AWS:SourceIp": ip_range}
    if starts_at is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": starts_at}
    policy = {"Statement": [{"Resource": resource, "Condition": condition}]}
    return json.dumps(policy, separators=(",", ":")).encode()


def check_url(url: str) -> None:
    """Refuse what is no URL, what is signed already, and what a browser would send otherwise."""
    check_text("url", url, "https://cdn.example.com/a.txt")
    sent = url.partition("#")[0]
    _check_parts("url", sent)
    if "*" in sent:
        raise ArgumentError(
            "url", url, "without wildcards", ": percent-encode *; what is to match goes in resource"
        )


def check_resource(resource: str) -> None:
    """Refuse what no URL that a browser sends could match."""
    check_text("resource", resource, "https://cdn.example.com/videos/*")
    _check_parts("resource", resource)
    if "#" in resource:
        raise ArgumentError("resource", resource, "without a fragment", ": browsers do not send it")


def check_match(resource: str, url: str) -> None:
    """Refuse a resource that a URL does not match, as CloudFront would refuse the URL."""
    wildcards = {"*": ".*", "?": "."}
    pattern = "".join([wildcards.get(letter) or re.escape(letter) for letter in resource])
    if not re.fullmatch(pattern, url):
        raise ArgumentError(
            "resource", resource, "what the URL matches", f": {url} would be refused"
        )


def to_epoch(starts_at: object, ends_at: int) -> int | None:
    """Return the start as Unix time, in seconds."""
    if starts_at is None:
        return None
    if not isinstance(starts_at, datetime) or starts_at.tzinfo is None:
        raise ArgumentTypeError("starts_at", starts_at, "a datetime with a time zone")
    start = int(starts_at.timestamp())
    if start >= ends_at:
        raise ArgumentError("starts_at", starts_at, "before the end, which is set by expires")
    return start


def to_range(ip_range: object) -> str | None:
    """Return a range of addresses in CIDR form."""
    if ip_range is None:
        return None
    check_text("ip_range", ip_range, "192.0.2.0/24")
    from ipaddress import IPv4Network  # 4 ms that only such policies pay for

    try:
        return str(IPv4Network(ip_range))
    except ValueError as error:
        raise ArgumentError(
            "ip_range",
            ip_range,
            "one IPv4 address, or a network such as '192.0.2.0/24'",
            f": {error}" if ":" not in str(ip_range) else ": CloudFront takes no IPv6 here",
        ) from error


def _check_parts(argument: str, url: str) -> None:
    scheme, _, rest = url.partition("://")
    if scheme not in {"https", "http"}:
        raise ArgumentError(
            argument, without_password(url), "a URL that starts with https:// or http://"
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ArgumentError(argument, url, "percent-encoded where it is not ASCII, spaces too")
    address, _, query = rest.partition("?")
    host, slash, path = address.partition("/")
    if check_host(argument, host) != host or without_default_port(scheme, host) != host:
        raise ArgumentError(
            argument, url, "of a host in lower case, and without the port that goes without saying"
        )
    if not slash:
        raise ArgumentError(argument, url, "of a path", ": browsers add the slash after the host")
    if has_dot_segments(path):
        raise ArgumentError(
            argument, url, "without segments '.' and '..'", ": they are removed on the way"
        )
    changed = (_CHANGED_IN_PATH & frozenset(path)) | (_CHANGED_IN_QUERY & frozenset(query))
    if changed:
        raise ArgumentError(
            argument, url, "as browsers send it", f": percent-encode {' '.join(sorted(changed))}"
        )
    if any(pair.startswith(_PARAMETERS) for pair in query.split("&")):
        raise ArgumentError(argument, url, "without a parameter of CloudFront's signatures")
