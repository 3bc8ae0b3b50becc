"""From the app's settings to those of every extension: each is said once, and means one thing.

The extensions name the same place in their own words. Here, and nowhere else, these are made equal.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask

# Where everything is below the bucket, and below the folder for data.
UPLOADS = "static/uploads"
THUMBNAILS = "static/thumbnails"

MIN_PASSWORD = 12  # characters


def wire(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Give *app* the settings of all extensions; *overrides* may have other values for them."""
    for settings in (_pages, _thumbnails, _uploads, _static, _security):
        app.config.from_mapping({**settings(app.config), **overrides})


def s3_options(config: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options of an S3Storage or S3Saver: where S3 is, and the keys for it.

    Without keys, the AWS SDK looks for some.
    """
    return {
        "access_key_id": config["S3_ACCESS_KEY_ID"],
        "access_key_secret": config["S3_ACCESS_KEY_SECRET"],
        "region": config["S3_REGION"],
        "endpoint_url": config["S3_ENDPOINT_URL"],
    }


def url_options(config: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options of url_for_s3 that say where S3 is."""
    return {
        "region": config["S3_REGION"],
        "endpoint_url": config["S3_ENDPOINT_URL"],
        "url_style": config["S3_URL_STYLE"],
    }


def _pages(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "BOOTSTRAP_SERVE_LOCAL": True,
        "SESSION_COOKIE_NAME": "example_app",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config["BEHIND_HTTPS_PROXY"],
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": config["BEHIND_HTTPS_PROXY"],
    }


def _thumbnails(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "MEDIA_FOLDER": config["UPLOADS_FOLDER"],
        "MEDIA_URL": "uploads",
        "MEDIA_THUMBNAIL_FOLDER": config["THUMBNAILS_FOLDER"],
        "MEDIA_THUMBNAIL_URL": "thumbnails",
        "THUMBNAIL_S3_STORAGE_TYPE": "s3" if config["USE_S3"] else None,
        "THUMBNAIL_S3_BUCKET_NAME": config["S3_BUCKET_NAME"],
        "THUMBNAIL_S3_STATIC_ROOT_PARENT": config["STATIC_ROOT_PARENT"],
        "THUMBNAIL_S3_REGION": config["S3_REGION"],
        "THUMBNAIL_S3_ENDPOINT_URL": config["S3_ENDPOINT_URL"],
        "THUMBNAIL_S3_URL_STYLE": config["S3_URL_STYLE"],
        "THUMBNAIL_S3_ACCESS_KEY_ID": config["S3_ACCESS_KEY_ID"],
        "THUMBNAIL_S3_ACCESS_KEY_SECRET": config["S3_ACCESS_KEY_SECRET"],
        # An app that keeps pictures on disk, and has no S3 at all, has nothing to sign for.
        "THUMBNAIL_S3_PRIVATE": config["S3_PRIVATE"]
        and bool(config["S3_REGION"] or config["S3_ENDPOINT_URL"]),
        "THUMBNAIL_CACHE": config["REDIS_URL"],
        # Every picture that is taken gets thumbnails.
        "THUMBNAIL_MAX_BYTES": config["MAX_CONTENT_LENGTH"],
        "THUMBNAIL_MAX_PIXELS": config["MAX_PICTURE_PIXELS"],
    }


def _uploads(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "UPLOADS_USE_S3": config["USE_S3"],
        "UPLOADS_S3_BUCKET_NAME": config["S3_BUCKET_NAME"],
        "UPLOADS_S3_PREFIX": UPLOADS,
        "UPLOADS_S3_REGION": config["S3_REGION"],
        "UPLOADS_S3_ENDPOINT_URL": config["S3_ENDPOINT_URL"],
        "UPLOADS_S3_URL_STYLE": config["S3_URL_STYLE"],
        "UPLOADS_S3_ACCESS_KEY_ID": config["S3_ACCESS_KEY_ID"],
        "UPLOADS_S3_ACCESS_KEY_SECRET": config["S3_ACCESS_KEY_SECRET"],
        "UPLOADS_SPOOL_FOLDER": config["UPLOADS_FOLDER"] + "-spool",
        # The pages lead to /static/uploads/…, the same for all kinds of pictures.
        "UPLOADS_PRIVATE": True,
    }


def _static(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "FLASKS3_ACTIVE": config["STATIC_ON_S3"],
        "FLASKS3_BUCKET_NAME": config["S3_BUCKET_NAME"],
        "FLASKS3_REGION": config["S3_REGION"] or "",
        "FLASKS3_ENDPOINT_URL": config["S3_ENDPOINT_URL"],
        "FLASKS3_URL_STYLE": config["S3_URL_STYLE"],
        "AWS_ACCESS_KEY_ID": config["S3_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": config["S3_ACCESS_KEY_SECRET"],
    }


def _security(_config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,  # argon2 brings its own salt
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,  # they don't tell who has an account
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "admin.index",
        "SECURITY_POST_LOGOUT_VIEW": "site.home",
        "SECURITY_CHANGEABLE": True,
        "SECURITY_POST_CHANGE_VIEW": "admin.index",
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,  # the app sends no mail
        "SECURITY_CHANGE_URL": "/change-password",
    }
