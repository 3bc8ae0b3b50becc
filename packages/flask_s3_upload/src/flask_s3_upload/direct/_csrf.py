"""Cross-site requests: kept out by Flask-WTF where the app uses it, and here where not."""

from urllib.parse import urlsplit

from flask import abort, current_app, request

_DEFAULT_PORTS = {"http": 80, "https": 443}
_FLASK_WTF = "csrf"  # the key of its CSRFProtect in app.extensions


def require_same_origin() -> None:
    """Refuse a request that a browser sent from another site's page.

    Browsers say so by ``Sec-Fetch-Site``, or those that do not send it yet by ``Origin``.
    Origins are compared by host and port as RFC 6454, section 4, makes them, with default ports;
    the scheme is left out, as behind a proxy the app may not know it.
    What sends neither is no browser, and has no visitor's cookies to misuse. If the app uses
    Flask-WTF's ``CSRFProtect``, that has asked for its token before.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        same = site in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        same = origin is None or is_same_host(origin, request.host)
    if not same:
        abort(403, "This request comes from another site.")


def is_same_host(origin: str, host: str) -> bool:
    """Report whether an origin is that of a host.

    :param host: as the request has it: without a port, that is the default one of the origin's
        scheme.
    """
    try:
        page, app = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS[page.scheme]
        return bool(app.hostname) and (page.hostname, page.port or default) == (
            app.hostname,
            app.port or default,
        )
    except (KeyError, ValueError):  # it is no origin, such as null
        return False


def exempt_from_tokens(view: str) -> None:
    """Let a view pass that needs no CSRF token, because its URL is signed.

    :param view: its module and name, as Flask-WTF knows it.
    """
    protect = current_app.extensions.get(_FLASK_WTF)
    if protect is not None:
        protect.exempt(view)
