"""What CloudFront is asked to allow: URLs and wildcards, times and addresses in, a policy out.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
"""

import re
from datetime import datetime

from ._checks import check_text
from ._hosts import check_host, has_dot_segments, without_default_port, without_password
from .exceptions import ArgumentError, ArgumentTypeError

# What browsers encode, or read as a slash (https://url.spec.whatwg.org/#path-percent-encode-set;
# Chromium encodes the bar, too). Browsers keep a backslash in a query; JSON, in which CloudFront
# writes a URL, does not.
_CHANGED_IN_PATH = frozenset('"<>\\^`{|}')
_CHANGED_IN_QUERY = frozenset("\"<>'\\")
_PARAMETERS = frozenset(("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"))
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
_MAX_URL = 8192


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
    if _BARE_PERCENT.search(sent):
        raise ArgumentError("url", url, "percent-encoded", ": of % itself that is %25")
    _, question_mark, query = sent.partition("?")
    if question_mark and "" in query.split("&"):
        # What is signed is the URL that CloudFront has after it took its own parameters out.
        raise ArgumentError("url", url, "without an empty parameter", ": leave out the & or ?")


def check_length(signed: str) -> None:
    """Refuse a signed URL that is longer than CloudFront takes."""
    if len(signed) > _MAX_URL:
        raise ArgumentError(
            "url",
            signed.partition("?")[0],
            f"{_MAX_URL:,} bytes at most with its query and signature",
            f": these are {len(signed):,}",
        )


def check_resource(resource: str) -> None:
    """Refuse what no URL that a browser sends could match."""
    check_text("resource", resource, "https://cdn.example.com/videos/*")
    _check_parts("resource", resource)
    if "#" in resource:
        raise ArgumentError("resource", resource, "without a fragment", ": browsers do not send it")


def check_match(resource: str, url: str) -> None:
    """Refuse a resource that a URL does not match, as CloudFront would refuse the URL."""
    from fnmatch import fnmatchcase

    if not fnmatchcase(url, resource.replace("[", "[[]")):
        raise ArgumentError(
            "resource", resource, "what the URL matches", f": {url} would be refused"
        )


def to_epoch(starts_at: object, ends_at: int) -> int | None:
    """Return the start as Unix time, in seconds."""
    if starts_at is None:
        return None
    if not isinstance(starts_at, datetime) or starts_at.utcoffset() is None:
        raise ArgumentTypeError("starts_at", starts_at, "a datetime with a time zone")
    start = int(starts_at.timestamp())
    if start < 0:
        raise ArgumentError("starts_at", starts_at, "in 1970 or later")
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
    address, _, query = rest.partition("?")
    host, slash, path = address.partition("/")
    if not host.isascii():
        raise ArgumentError(
            argument,
            url,
            "of a host in ASCII",
            ": browsers send its IDNA form, which begins with xn--",
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ArgumentError(argument, url, "percent-encoded where it is not ASCII, spaces too")
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
    if any(pair.partition("=")[0] in _PARAMETERS for pair in query.split("&")):
        raise ArgumentError(argument, url, "without a parameter of CloudFront's signatures")
