"""A page that shows what the app uses, without its secrets."""

from flask import Blueprint, Flask, render_template
from flask import current_app as app
from sqlalchemy.engine import make_url

from example_app.headers import bucket_origins
from example_app.storage import read_s3

bp = Blueprint("status", __name__)

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_MODES = {
    "inline": "while the page renders",
    "lazy": "when the browser asks for them",
    "queue": "in the background",
}


def register(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/status")
def page() -> str:
    return render_template("status.html", facts=facts())


def facts() -> dict[str, str]:
    """Return what is in use, by subject, without names of users, passwords and keys."""
    config = app.config
    s3 = read_s3(config)
    on_s3 = s3.storage_type
    return {
        "Storage": f"S3, in the bucket {s3.bucket_name}" if on_s3 else "the disk",
        "Endpoint": (s3.endpoint_url or bucket_origins(config)[0]) if on_s3 else "none",
        "URLs of files": "signed, since files are private" if s3.private else "public",
        "Static assets": "on S3" if config["FLASKS3_ACTIVE"] else "from the app",
        "Thumbnails": f"made {_MODES[config['THUMBNAIL_MODE']]} ({config['THUMBNAIL_MODE']})",
        "Cache of thumbnails": _redis() or "in each process",
        "Queue": _queue(),
        "Database": _database(config["SQLALCHEMY_DATABASE_URI"]),
    }


def _queue() -> str:
    if app.config["THUMBNAIL_MODE"] != "queue":
        return "none is needed"
    place = _redis()
    return f"Celery's, in {place}" if place else "threads of each process"


def _redis() -> str:
    url = app.config["REDIS_URL"]
    return f"Redis at {_host(url)}" if url else ""


def _database(url: str) -> str:
    name = make_url(url).get_backend_name()
    host = _host(url)
    return _DATABASES.get(name, name) + (f" at {host}" if host else "")


def _host(url: str) -> str:
    """Return host and port of a URL, less who signs in there, and how."""
    parts = make_url(url)
    return f"{parts.host}:{parts.port}" if parts.port else parts.host or ""
