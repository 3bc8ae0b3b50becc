"""Security headers: what a page may load, and who may frame it."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g
from werkzeug.middleware.proxy_fix import ProxyFix

from example_app.storage import read_s3
from url_for_s3 import S3Bucket


def register(app: Flask) -> None:
    """Send the headers with every answer.

    Behind a proxy that speaks HTTPS, believe what it says of the visitor's address and scheme, and
    let browsers use HTTPS only.
    """
    if app.config["BEHIND_HTTPS_PROXY"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    bucket = " ".join(bucket_origins(app.config))

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Content-Security-Policy", _policy(bucket, g.get("csp_nonce", "")))
        if app.config["BEHIND_HTTPS_PROXY"]:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def nonce() -> str:
    """Return the nonce of this request, by which the admin's own inline scripts are known."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _policy(origins: str, nonce: str) -> str:
    ours = f"'self' {origins}".strip()
    script = f"{ours} 'nonce-{nonce}'" if nonce else ours
    return "; ".join(
        [
            f"default-src {ours}",
            f"script-src {script}",
            # Pictures may be in a bucket of earlier settings; data: are placeholders of thumbnails.
            f"img-src {ours} https: data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def bucket_origins(config: Mapping[str, Any]) -> list[str]:
    """Return scheme and host of URLs in the bucket: that of the store and, if there is one, of the
    CDN before it.
    """
    s3 = read_s3(config)
    if not s3.bucket_name:
        return []
    bucket = S3Bucket.from_settings(s3)
    urls = [urlsplit(one.url("any")) for one in (replace(bucket, cdn_domain=None), bucket)]
    return list(dict.fromkeys(f"{url.scheme}://{url.netloc}" for url in urls))
