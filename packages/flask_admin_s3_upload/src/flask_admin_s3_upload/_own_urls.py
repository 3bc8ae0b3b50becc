"""URLs of this package's own routes: of files, and of the forms' scripts.

So a private file has a preview wherever it is kept, without a route of the app's own. The URL is
signed: it leads to no other file. Who may read is the view's decision, each time.
"""

from typing import Any, NamedTuple

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from s3_saver import StoredFile

from ._flask_admin import get_current_view

FILE_ENDPOINT = "flask_admin_s3_upload_file"
SCRIPT_ENDPOINT = "flask_admin_s3_upload_script"

_SALT = "flask_admin_s3_upload.file"


class FileAddress(NamedTuple):
    """Which file a URL leads to.

    :param view: the endpoint of the view whose people may open it.
    :param attribute: the model's, or the field's name.
    """

    view: str
    attribute: str
    file: StoredFile

    def sign(self) -> str:
        where = (*self.file.location, self.file.store)
        return str(_signer().dumps((self.view, self.attribute, *where)))

    @classmethod
    def read(cls, token: str) -> "FileAddress | None":
        """Return what was signed; None if it was not signed here."""
        try:
            view, attribute, storage_type, bucket_name, name, store = _signer().loads(token)
        except BadSignature:
            return None
        file = StoredFile(name, storage_type=storage_type, bucket_name=bucket_name, store=store)
        return cls(view, attribute, file)


def url_of_file(view: Any, attribute: str, file: StoredFile) -> str | None:
    """Return the URL by which the people of a view can open a file; None if there is no route.

    :param attribute: the model's, or the field's name.
    """
    if view is None or FILE_ENDPOINT not in current_app.view_functions:
        return None
    if not current_app.secret_key:
        return None
    return url_for(FILE_ENDPOINT, token=FileAddress(view.endpoint, attribute, file).sign())


def script_url(name: str) -> str:
    """Return the URL of a module of this package; empty if there is no route."""
    known = SCRIPT_ENDPOINT in current_app.view_functions
    return url_for(SCRIPT_ENDPOINT, name=name) if known else ""


def script_nonce() -> str | None:
    """Return what Flask-Admin's own scripts have for a Content-Security-Policy."""
    admin = getattr(get_current_view(), "admin", None)
    generator = getattr(admin, "csp_nonce_generator", None)
    return str(generator()) if generator else None


def signing_keys() -> list[Any]:
    """Return the app's secret keys as itsdangerous takes them: it signs with the last one."""
    return [*(current_app.config.get("SECRET_KEY_FALLBACKS") or ()), current_app.secret_key]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(signing_keys(), salt=_SALT)
