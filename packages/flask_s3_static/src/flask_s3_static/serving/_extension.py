"""The extension: reads the settings once, and lets ``url_for`` point to the bucket."""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from flask import Flask, current_app
from werkzeug.security import safe_join

from s3_saver import BucketNotFoundError, NotFoundError

from .._settings import Settings
from .._storage import check_credentials, make_storage
from ..exceptions import ConfigError, S3StaticError
from ._manifest import Manifest, integrity_of, read_manifest
from ._urls import StaticUrls, absolute

_NAME = "flask_s3_static"


@dataclass(frozen=True)
class State:
    """What the extension knows of one app."""

    settings: Settings
    urls: StaticUrls


class FlaskS3:
    """Lets an app's static files be served from S3, or from a CDN in front of it.

    With it, ``url_for('static', …)`` gives a bucket's URL, in templates and in Python code, for
    blueprints as well; every other endpoint is untouched. :func:`create_all`, or the command
    ``flask s3-static push``, uploads the files.

    :param app: the app, or ``None`` to call :meth:`init_app` later.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Read the settings of an app, and take over its ``url_for``.

        Nothing is asked of S3 here, unless ``FLASKS3_MANIFEST_FROM_BUCKET`` asks for that.

        Afterwards ``FLASKS3_ACTIVE`` in ``app.config`` is ``True`` or ``False``: without a bucket,
        with ``USE_S3`` off and in debug mode the files stay with the app.

        :raises ConfigError: a setting is wrong, or the app has the extension already.
        :raises ManifestError: the manifest is damaged.
        """
        if _NAME in app.extensions:
            raise ConfigError(
                f"app {app.name!r} has a FlaskS3 already: call FlaskS3(app), or init_app(app), once"
            )
        settings = Settings.from_app(app)
        _note_switches(app, settings)
        urls = StaticUrls(app, settings)
        if is_active(app) and settings.hashed_names:
            urls.use(_load_manifest(app, settings))
        app.extensions[_NAME] = State(settings, urls)
        app.url_for = _url_for(app, urls, app.url_for)  # type: ignore[method-assign]
        app.jinja_env.globals.update(url_for=app.url_for, static_integrity=static_integrity)


def _note_switches(app: Flask, settings: Settings) -> None:
    """Write into ``app.config`` what :func:`is_active` asks there in every request, as bools."""
    config = app.config
    has_bucket = bool(settings.s3.bucket_name)
    if not has_bucket and not settings.must_be_active and config.get("USE_S3") is None:
        app.logger.warning("S3_BUCKET_NAME is not set: static files stay with the app")
    config["FLASKS3_DEBUG"] = settings.active_in_debug
    config["FLASKS3_OVERRIDE_TESTING"] = settings.active_in_testing
    config["FLASKS3_ACTIVE"] = settings.is_active
    config["FLASKS3_ACTIVE"] = is_active(app)
    if config["FLASKS3_ACTIVE"]:
        settings.require_bucket("set it, or set FLASKS3_ACTIVE to False")


def state_of(app: Flask) -> State:
    """Return what the extension knows of an app.

    :raises S3StaticError: it was not initialised.
    """
    try:
        state: State = app.extensions[_NAME]
    except KeyError:
        raise S3StaticError(
            f"app {app.name!r} has no FlaskS3: call FlaskS3(app), or init_app(app)"
        ) from None
    return state


def is_active(app: Flask) -> bool:
    """Report whether ``url_for`` leads to the bucket.

    Debug and testing are often switched on after the extension was initialised, so this asks each
    time; it changes nothing.
    """
    config = app.config
    if config["DEBUG"] and not config["FLASKS3_DEBUG"]:
        return False
    if config["TESTING"] and not config["FLASKS3_OVERRIDE_TESTING"]:
        return False
    return bool(config["FLASKS3_ACTIVE"])


def use_manifest(app: Flask, manifest: Manifest) -> None:
    """Let the URLs of an app go by a manifest from now on, if it makes URLs by one."""
    if (state := app.extensions.get(_NAME)) and state.settings.hashed_names:
        state.urls.use(manifest)


def static_integrity(filename: str, endpoint: str = "static") -> str:
    """Return a static file's hash for the attribute ``integrity`` of ``<script>`` and ``<link>``.

    It is that of the file to which ``url_for(endpoint, filename=filename)`` leads. In templates
    this function is a global. Browsers compare it only together with ``crossorigin="anonymous"``.

    :param filename: relative to the static folder.
    :raises FileNotFoundError: there is no such file.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
    urls = state_of(app).urls
    endpoint = absolute(endpoint)
    path = urls.path(endpoint, filename) if is_active(app) else None
    if path and (entry := urls.manifest.files.get(path)):
        return entry.integrity
    folder = urls.folder(endpoint)
    source = safe_join(folder.folder, filename) if folder else None
    if source is None or not os.path.isfile(source):
        raise FileNotFoundError(f"{endpoint!r} has no static file {filename!r}")
    status = os.stat(source)
    return _integrity_of_file(source, status.st_mtime_ns, status.st_size)


@lru_cache(4096)
def _integrity_of_file(source: str, _modified: int, _size: int) -> str:
    with open(source, "rb") as file:
        return integrity_of(hashlib.file_digest(file, "sha256").digest())


def _url_for(app: Flask, urls: StaticUrls, flask_url_for: Any) -> Any:
    @wraps(flask_url_for)
    def url_for(
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> Any:
        endpoint = absolute(endpoint)
        path = urls.path(endpoint, values.get("filename")) if is_active(app) else None
        if path is None:
            return flask_url_for(
                endpoint,
                _anchor=_anchor,
                _method=_method,
                _scheme=_scheme,
                _external=_external,
                **values,
            )
        if app.url_default_functions:
            app.inject_url_defaults(endpoint, values)
        del values["filename"]
        return urls.url(path, _scheme, _anchor, values)

    return url_for


def _load_manifest(app: Flask, settings: Settings) -> Manifest:
    manifest: Manifest | None
    if settings.manifest_from_bucket:
        place = settings.manifest_key
        storage = make_storage(settings)
        check_credentials(storage)
        try:
            with storage.open(place) as file:
                manifest = Manifest.from_bytes(
                    file.read(), f"s3://{settings.s3.bucket_name}/{place}"
                )
        except (NotFoundError, BucketNotFoundError):
            manifest = None
    else:
        place = settings.manifest
        manifest = read_manifest(place)
    if manifest is None:
        app.logger.warning(
            "there is no manifest %s yet: static files go by their plain names until `flask "
            "s3-static push` has written it and the app has started again",
            place,
        )
    return manifest or Manifest()
