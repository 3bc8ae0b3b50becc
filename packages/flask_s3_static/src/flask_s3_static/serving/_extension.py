"""The extension: reads the settings once, and lets ``url_for`` point to the bucket."""

from functools import wraps
from typing import Any

from flask import Flask

from s3_saver import BucketNotFoundError, NotFoundError

from .._settings import Settings
from .._storage import check_credentials, make_storage
from ..exceptions import ConfigError
from ._manifest import Manifest, read_manifest
from ._state import NAME, State, is_active
from ._template import static_integrity, vite_asset
from ._urls import StaticUrls, absolute


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
        if NAME in app.extensions:
            raise ConfigError(
                f"app {app.name!r} has a FlaskS3 already: call FlaskS3(app), or init_app(app), once"
            )
        if app.config.get("FLASK_ASSETS_USE_S3"):
            raise ConfigError(
                "FLASK_ASSETS_USE_S3 makes Flask-Assets import Flask-S3: take it out. The URLs of "
                "bundles come from url_for, which leads to the bucket without it",
                setting="FLASK_ASSETS_USE_S3",
            )
        settings = Settings.from_app(app)
        _note_switches(app, settings)
        urls = StaticUrls(app, settings)
        if is_active(app) and settings.hashed_names:
            urls.use(_load_manifest(app, settings))
        app.extensions[NAME] = State(settings, urls)
        app.url_for = _url_for(app, urls, app.url_for)  # type: ignore[method-assign]
        app.jinja_env.globals.update(
            url_for=app.url_for, static_integrity=static_integrity, vite_asset=vite_asset
        )


def _note_switches(app: Flask, settings: Settings) -> None:
    """Write into ``app.config`` what :func:`is_active` asks there in every request, as bools."""
    config = app.config
    has_bucket = bool(settings.s3.bucket_name)
    if not has_bucket and not settings.must_be_active and config.get("USE_S3") is None:
        # No fault: an app on disk, as in development, has none.
        app.logger.info("S3_BUCKET_NAME is not set: static files stay with the app")
    config["FLASKS3_DEBUG"] = settings.active_in_debug
    config["FLASKS3_OVERRIDE_TESTING"] = settings.active_in_testing
    config["FLASKS3_ACTIVE"] = settings.is_active
    config["FLASKS3_ACTIVE"] = is_active(app)
    if config["FLASKS3_ACTIVE"]:
        settings.require_bucket("set it, or set FLASKS3_ACTIVE to False")


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
