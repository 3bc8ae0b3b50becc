"""Cookies by which a browser reads all files of a folder, such as the segments of a film."""

from flask import request, url_for
from werkzeug.wrappers import Response

from s3_saver import ArgumentError, S3Storage, check_name

from .._names import OWN_URLS, PENDING
from .._state import State
from .._store import Store
from ..exceptions import ConfigError


def set_cookies(state: State, response: Response, folder: str, domain: str | None) -> None:
    """Let a response set them; see :meth:`Uploads.set_cookies`."""
    _check_folder(folder)
    settings, storage = state.settings, state.storages.current
    if not settings.private:
        return
    if not isinstance(storage, S3Storage):
        response.set_cookie(
            cookie_name(state.store),
            state.signer.sign_folder(folder, settings.url_expires),
            path=url_for(state.store.endpoint("serve"), name=folder),
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return
    bucket = settings.bucket(storage)
    if not (bucket.cdn_domain and settings.cloudfront):
        key = settings.key_of("cdn_domain")
        raise ConfigError(
            f"{key} is missing: S3 itself knows no cookies, CloudFront does; set it, and"
            " S3_CLOUDFRONT_KEY_ID and S3_CLOUDFRONT_PRIVATE_KEY",
            setting=key,
        )
    _check_domain(bucket.cdn_domain, domain)
    resource = f"{bucket.url(storage.prefix + folder)}*"
    cookies = settings.cloudfront.cookies(resource, expires=settings.url_expires, domain=domain)
    cookies.set_on(response)


def cookie_name(store: Store) -> str:
    """Return the name of the cookie for the app's own route."""
    return f"{store.blueprint}_folder"


def _check_folder(folder: object) -> None:
    if not isinstance(folder, str) or not folder.endswith("/"):
        raise ArgumentError("folder", folder, "a folder such as 'films/42/'")
    check_name(folder[:-1])
    if folder.startswith((PENDING, OWN_URLS)):
        raise ArgumentError(
            "folder", folder, "a folder of stored files", ": nobody has claimed what is there"
        )


def _check_domain(cdn_domain: str, domain: str | None) -> None:
    """Refuse cookies that no browser would send to the CDN."""
    host = request.host.partition(":")[0]
    if domain is None and host != cdn_domain.partition(":")[0]:
        raise ConfigError(
            f"set_cookies needs domain=…: what {host!r} and {cdn_domain!r} have in common,"
            " such as 'example.com'; without it browsers send the cookies to this host alone"
        )
