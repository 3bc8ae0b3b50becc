"""Where a bucket answers: bucket names, regions, styles and hosts in, the start of a URL out."""

from ._checks import check_text
from ._hosts import has_subdomains, looks_like_ipv4, without_default_port
from .exceptions import ArgumentError

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_LETTERS = _LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

# The partitions of AWS whose DNS suffix is not amazonaws.com, by the start of their regions' names.
_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "us-isof-": "csp.hci.ic.gov",
}
_AMAZON_SUFFIXES = (".amazonaws.com", *(f".{suffix}" for suffix in _SUFFIXES.values()))
_ACCELERATE = "s3-accelerate."


class Address:
    """Where a bucket answers. ``base`` and an encoded key make a URL, ``path`` and the key the
    path of it; ``host`` is what an HTTP client sends as the Host header.
    """

    __slots__ = ("base", "host", "path")

    def __init__(self, scheme: str, host: str, path: str) -> None:
        self.base = f"{scheme}://{host}{path}" if scheme else f"//{host}{path}"
        self.host = host
        self.path = path

    @property
    def is_amazons(self) -> bool:
        return self.host.endswith(_AMAZON_SUFFIXES)


def cdn_address(scheme: str, host: str) -> Address:
    return Address(scheme, without_default_port(scheme, host), "/")


def bucket_address(bucket_name: str, scheme: str, host: str, path: str, url_style: str) -> Address:
    """The address of a bucket at a server.

    :param path: of the server's URL, without a slash at its end.
    :raises ArgumentError: the server has no path style, and the bucket needs it.
    """
    host = without_default_port(scheme, host)
    if url_style == "host" and _can_be_a_subdomain(bucket_name, host, scheme):
        return Address(scheme, f"{bucket_name}.{host}", f"{path}/")
    if host.startswith(_ACCELERATE):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
        if url_style == "path":
            raise ArgumentError("url_style", url_style, "'host' where transfers are accelerated")
        raise ArgumentError(
            "bucket_name", bucket_name, "one label of a host name to accelerate its transfers"
        )
    return Address(scheme, host, f"{path}/{bucket_name}/")


def amazon_host(region: str | None) -> str:
    if not region:
        return "s3.amazonaws.com"
    for start, suffix in _SUFFIXES.items():
        if region.startswith(start):
            return f"s3.{region}.{suffix}"
    return f"s3.{region}.amazonaws.com"


def check_bucket_name(name: str, *, anywhere: bool) -> None:
    """Amazon's rule on Amazon's hosts. On any other host the older rule, which still holds for
    buckets made in us-east-1 before March 2018 and which Ceph and others keep.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    check_text("bucket_name", name, "my-bucket")
    if name.startswith("arn:"):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
        raise ArgumentError(
            "bucket_name",
            name,
            "a bucket's name and no ARN",
            ": pass the bucket's own name, or of an access point the alias, which ends in -s3alias",
        )
    if anywhere:
        if not (3 <= len(name) <= 255 and _LETTERS | frozenset(".-_") >= frozenset(name)):
            raise ArgumentError(
                "bucket_name", name, "3 to 255 letters, digits, dots, hyphens and underscores"
            )
        return
    if name.endswith(("--x-s3", ".mrap")):
        raise ArgumentError(
            "bucket_name",
            name,
            "a general purpose bucket's",
            ": directory buckets and multi-Region access points take other signatures",
        )
    if not (
        3 <= len(name) <= 63
        and _LOWER | frozenset(".-") >= frozenset(name)
        and name[0] in _LOWER
        and name[-1] in _LOWER
        and ".." not in name
        and not looks_like_ipv4(name)
    ):
        raise ArgumentError(
            "bucket_name",
            name,
            "3 to 63 lowercase letters, digits, dots and hyphens, starting and ending with a letter"
            " or digit, without adjacent dots, and not an IP address",
            "; other S3 servers may allow more: name yours by its endpoint",
        )


def check_scheme(scheme: object) -> None:
    if scheme not in ("https", "http", ""):
        raise ArgumentError(
            "scheme", scheme, "'https', 'http', or '' for a URL that starts with //"
        )


def check_region(region: str) -> None:
    check_text("region", region, "eu-north-1")
    if not _is_label(region):
        raise ArgumentError(
            "region", region, "lowercase letters, digits and hyphens, such as 'eu-north-1'"
        )


def _can_be_a_subdomain(bucket_name: str, host: str, scheme: str) -> bool:
    # A wildcard certificate covers one label (RFC 6125, section 6.4.3), so a dotted bucket
    # needs the path style wherever TLS may be in use.
    if "." in bucket_name and scheme != "http":
        return False
    return all(map(_is_label, bucket_name.split("."))) and has_subdomains(host)


def _is_label(text: str) -> bool:
    """Report whether a text can be one label of a host name (RFC 1123, section 2.1)."""
    has_hyphen_at_an_end = text[:1] == "-" or text[-1:] == "-"
    return not has_hyphen_at_an_end and 1 <= len(text) <= 63 and _LOWER | {"-"} >= frozenset(text)
