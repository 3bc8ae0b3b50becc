"""What a URL of our own routes says: whose file it is, and whether we made it."""

from flask import abort, request

from .._signing import RouteSigner
from .._state import current_state
from .._thumbnails import Thumbnails


def thumbnails_of_url() -> Thumbnails:
    """Return the thumbnails of the store that the URL names; without such a store, answer 404."""
    found = current_state().stores.get(request.args.get("store", ""))
    return found or abort(404)


def check_signature(signer: RouteSigner, name: str, bucket_name: str = "") -> None:
    """Answer 403 if we did not make the URL, and 410 if it has expired."""
    expires, signature = (request.args.get(key, "") for key in ("expires", "signature"))
    status = signer.status(name, bucket_name, expires, signature)
    if status != 200:
        abort(status)
