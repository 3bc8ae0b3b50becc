"""CloudFront's signed cookies as a value, and how a response sets them."""

from dataclasses import dataclass, field

from ._checks import check_text
from ._hosts import check_host, split_port
from .exceptions import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would take much of the time that importing this package takes
    from typing import Any, Protocol

    class Response(Protocol):
        """What sets a cookie as Flask's, Django's and Starlette's responses do."""

        def set_cookie(
            self,
            key: str,
            value: str,
            /,
            *,
            path: str,
            domain: str | None,
            secure: bool,
            httponly: bool,
            samesite: Any,
        ) -> Any: ...


# The first ends a path (RFC 6265, section 4.1.1), the others are encoded by Werkzeug.
_CHANGED_IN_COOKIES = ";[]"
# What browsers take of a cookie's name and value together, and of its path
# (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis, section 5.6).
_MAX_COOKIE = 4096
_MAX_PATH = 1024


@dataclass(frozen=True, slots=True)
class CloudFrontCookies:
    """Cookies by which a browser reads all that one policy allows, until it ends. They end with
    the browser's session, too, and no script reads them. Who has the values may read the files, so
    they are not in the ``repr``.

    :param values: by name.
    :param path: of the folder that they are sent for.
    :param domain: of the hosts that they are sent to; None is the host that sets them, alone.
    :param secure: whether they are sent over TLS only.
    """

    values: dict[str, str] = field(repr=False)
    path: str
    domain: str | None
    secure: bool

    def set_on(self, response: "Response") -> None:
        """Let a response set the cookies.

        :param response: of Flask, Werkzeug, Django or Starlette.
        """
        for name, value in self.values.items():
            response.set_cookie(
                name,
                value,
                path=self.path,
                domain=self.domain,
                secure=self.secure,
                httponly=True,
                samesite="Lax",
            )


def make_cookies(values: dict[str, str], resource: str, domain: str | None) -> CloudFrontCookies:
    """Return cookies that browsers send for the folder of a resource.

    :param resource: checked, with wildcards.
    :param domain: as for :meth:`~url_for_s3.CloudFrontSigner.cookies`.
    :raises ArgumentError: browsers would drop the cookies, or send them for another folder.
    """
    scheme, _, rest = resource.partition("://")
    host, _, path = rest.partition("/")
    folder = path.partition("*")[0].partition("?")[0].rpartition("/")[0]
    folder = f"/{folder}/" if folder else "/"
    if signs := frozenset(_CHANGED_IN_COOKIES) & frozenset(folder):
        raise ArgumentError(
            "resource",
            resource,
            "of a folder as cookies name it",
            f": percent-encode {' '.join(sorted(signs))}",
        )
    longest = max(len(name) + len(value) for name, value in values.items())
    if longest > _MAX_COOKIE or len(folder) > _MAX_PATH:
        raise ArgumentError(
            "resource",
            resource,
            f"short enough for cookies of {_MAX_COOKIE:,} bytes and a folder of {_MAX_PATH:,}",
            ": end it earlier, by a wildcard",
        )
    if domain is not None:
        domain = _check_domain(domain, split_port(host)[0])
    return CloudFrontCookies(values, folder, domain, scheme == "https")


def _check_domain(domain: str, host: str) -> str:
    """Return a domain without the dot before it, which browsers ignore (RFC 6265, 5.2.3)."""
    check_text("domain", domain, "example.com")
    name = check_host("domain", domain.removeprefix("."))
    if name == "cloudfront.net":
        raise ArgumentError(
            "domain", domain, "one of yours", ": browsers take no cookies for all of cloudfront.net"
        )
    if "." not in name or not (host == name or host.endswith(f".{name}")):
        raise ArgumentError(
            "domain",
            domain,
            f"{host!r} or a domain above it",
            ": browsers send the cookies nowhere else",
        )
    return name
