"""Cross-site requests: kept out by Flask-WTF where the app uses it, and here where not."""

from urllib.parse import urlsplit

from flask import abort, current_app, request

_FLASK_WTF = "csrf"  # the key of its CSRFProtect in app.extensions


def require_same_origin() -> None:
    """Refuse a request that a browser sent from another site's page.

    By what browsers say of it: ``Sec-Fetch-Site``, or ``Origin`` where they don't know that yet.
    What sends neither is no browser, and has no visitor's cookies to misuse. If the app uses
    Flask-WTF's ``CSRFProtect``, that has asked for its token before.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        same = site in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        same = origin is None or urlsplit(origin).netloc == request.host
    if not same:
        abort(403, "This request comes from another site.")


def exempt_from_tokens(view: str) -> None:
    """Let a view pass that needs no CSRF token, for its URL is a signature itself.

    :param view: its module and name, as Flask-WTF knows it.
    """
    protect = current_app.extensions.get(_FLASK_WTF)
    if protect is not None:
        protect.exempt(view)
