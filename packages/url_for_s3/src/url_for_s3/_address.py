"""Where a bucket answers: bucket names, regions, styles and hosts in, the start of a URL out."""

from functools import lru_cache

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
AMAZON_SUFFIXES = (".amazonaws.com", *(f".{suffix}" for suffix in _SUFFIXES.values()))


class Address:
    """Where a bucket answers. ``base`` and an encoded key make a URL, ``path`` and the key the
    path of it; ``host`` is what an HTTP client sends as the Host header.
    """

    __slots__ = ("base", "host", "path")

    def __init__(self, scheme: str, host: str, path: str) -> None:
        self.base = f"{scheme}://{host}{path}" if scheme else f"//{host}{path}"
        self.host = host
        self.path = path


# Bounded, but larger than the number of buckets and hosts that one site uses.
@lru_cache(maxsize=256)
def find_address(
    bucket_name: str,
    bucket_domain: str | None,
    scheme: str,
    url_style: str,
    cdn_domain: str | None,
    region: str | None,
    endpoint_url: str | None,
    scheme_override: str | None,
) -> Address:
    texts = {
        "bucket_name": bucket_name,
        "bucket_domain": bucket_domain,
        "cdn_domain": cdn_domain,
        "region": region,
        "endpoint_url": endpoint_url,
    }
    for argument, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{argument}={value!r}: a str")
    if url_style not in {"host", "path"}:
        raise ValueError(f"url_style={url_style!r}: 'host' or 'path'")
    if bucket_domain and endpoint_url:
        raise ValueError(
            f"bucket_domain={bucket_domain!r} and an endpoint_url both name the host: give one of"
            " them"
        )
    _check_bucket_name(bucket_name, anywhere=bool(bucket_domain or endpoint_url))
    if region:
        _check_region(region)

    prefix = ""
    if cdn_domain:
        domain = _host("cdn_domain", cdn_domain)
    elif endpoint_url:
        scheme, domain, prefix = _split_endpoint_url(endpoint_url)
    elif bucket_domain:
        domain = _host("bucket_domain", bucket_domain)
    else:
        domain = _amazon_domain(region)
    if scheme_override is not None:
        scheme = scheme_override
    if scheme not in {"https", "http", ""}:
        raise ValueError(f"scheme={scheme!r}: 'https', 'http', or '' for a URL that starts with //")

    # HTTP clients leave the default port out of the Host header, which is signed.
    domain = domain.removesuffix({"https": ":443", "http": ":80"}.get(scheme, ""))
    if cdn_domain:
        return Address(scheme, domain, "/")
    if url_style == "host" and _can_be_a_subdomain(bucket_name, domain, scheme):
        return Address(scheme, f"{bucket_name}.{domain}", f"{prefix}/")
    return Address(scheme, domain, f"{prefix}/{bucket_name}/")


def _check_bucket_name(name: str, *, anywhere: bool) -> None:
    """Amazon's rule on Amazon's hosts. On any other host the older rule, which still holds for
    buckets made in us-east-1 before March 2018 and which Ceph and others keep.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if not name:
        raise ValueError("bucket_name is required: the bucket's name, such as 'my-bucket'")
    if anywhere:
        if not (3 <= len(name) <= 255 and _LETTERS | frozenset(".-_") >= frozenset(name)):
            raise ValueError(
                f"bucket_name={name!r}: 3 to 255 letters, digits, dots, hyphens and underscores"
            )
    elif not (
        3 <= len(name) <= 63
        and _LOWER | frozenset(".-") >= frozenset(name)
        and name[0] in _LOWER
        and name[-1] in _LOWER
        and ".." not in name
        and not _looks_like_ipv4(name)
    ):
        raise ValueError(
            f"bucket_name={name!r}: 3 to 63 lowercase letters, digits, dots and hyphens, starting"
            " and ending with a letter or digit, without adjacent dots, and not an IP address"
            " (other S3 servers may allow more: name yours with endpoint_url)"
        )


def _check_region(region: str) -> None:
    if not _LOWER | {"-"} >= frozenset(region):
        raise ValueError(
            f"region={region!r}: lowercase letters, digits and hyphens, such as 'eu-north-1'"
        )


def _amazon_domain(region: str | None) -> str:
    if not region:
        return "s3.amazonaws.com"
    for start, suffix in _SUFFIXES.items():
        if region.startswith(start):
            return f"s3.{region}.{suffix}"
    return f"s3.{region}.amazonaws.com"


def _host(argument: str, value: str) -> str:
    if not _LETTERS | frozenset(".-_:[]") >= frozenset(value):
        raise ValueError(
            f"{argument}={value!r}: a host name with an optional port, such as"
            " 'cdn.example.com', without a scheme or a path"
        )
    return value.lower()  # as HTTP clients send it


def _split_endpoint_url(endpoint_url: str) -> tuple[str, str, str]:
    """The scheme, the host with its port, and the path without a slash at its end."""
    from urllib.parse import urlsplit  # 5 ms that only custom endpoints pay for, once each

    _, at, host = endpoint_url.rpartition("@")
    if at:
        raise ValueError(
            f"endpoint_url='...@{host}': S3 takes no password there: leave out what stands before"
            " the host, and pass credentials"
        )
    try:
        parts = urlsplit(endpoint_url)
        _ = parts.port  # raises where it is no number
    except ValueError as error:
        raise ValueError(f"endpoint_url={endpoint_url!r}: {error}") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            f"endpoint_url={endpoint_url!r}: 'http://' or 'https://', a host, and optionally a"
            " port and a path, such as 'http://127.0.0.1:9000'"
        )
    if not _LETTERS | frozenset("-._~/%") >= frozenset(parts.path):
        raise ValueError(f"endpoint_url={endpoint_url!r}: percent-encode its path")
    return parts.scheme, _host("endpoint_url", parts.netloc), parts.path.rstrip("/")


def _can_be_a_subdomain(bucket_name: str, domain: str, scheme: str) -> bool:
    # A wildcard certificate covers one label (RFC 6125, section 6.4.3), so a dotted bucket
    # needs the path style wherever TLS may be in use.
    if "." in bucket_name and scheme != "http":
        return False
    for label in bucket_name.split("."):
        hyphen_at_an_end = label[:1] == "-" or label[-1:] == "-"
        if hyphen_at_an_end or not 1 <= len(label) <= 63 or not _LOWER | {"-"} >= frozenset(label):
            return False
    host = domain.rpartition(":")[0] or domain
    # localhost, or a container's name: nothing resolves their subdomains everywhere.
    return "." in host and not host.startswith("[") and not _looks_like_ipv4(host)


def _looks_like_ipv4(name: str) -> bool:
    labels = name.split(".")
    return len(labels) == 4 and all(label.isdigit() for label in labels)
