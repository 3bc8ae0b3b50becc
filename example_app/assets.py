"""Static assets: the app's own, and those of the extensions whose pages or modules it shows.

flask_s3_static knows them all, and puts them into the bucket, below ``assets/``, where STATIC_ON_S3
says that they are. Nothing that users upload is among them, neither on disk nor in the bucket.
"""

from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5

from example_app.storage import read_s3
from flask_s3_static import FlaskS3, create_all
from s3_saver import S3Storage

# All but what no page uses: Bootstrap's icons, maps of minified files, Flask-Admin's themes.
_NEEDED = r"^(?!icons/|.*\.map$|.*/swatch/(?!default/)|vendor/(leaflet|x-editable|fontawesome))"


def register(app: Flask) -> None:
    """Serve the assets from the app; :func:`register_s3` may lead elsewhere."""
    Bootstrap5(app)


def register_s3(app: Flask) -> None:
    """Let ``url_for`` lead to the bucket where STATIC_ON_S3 says so. Comes after all blueprints."""
    FlaskS3(app)


def push(app: Flask) -> int:
    """Put the assets into the bucket, for everybody to read, and return their number.

    For the bucket of the embedded server. For a real one, run `flask s3-static push` with each
    release.
    """
    s3 = read_s3(app.config)
    bucket = S3Storage(s3.bucket_name, **s3.s3_options)
    bucket.client.put_bucket_cors(
        Bucket=bucket.bucket_name, CORSConfiguration={"CORSRules": cors_rules()}
    )
    report = create_all(app, filepath_filter_regex=_NEEDED, write_public_policy=True)
    return len(report.new)


def cors_rules() -> Any:
    """Return the bucket's CORS rules: scripts and fonts come from it, and uploads go there.

    It is one rule, because Ceph uses only the first that has the origin.
    """
    methods = ["GET", "HEAD", "POST", "PUT"]
    everybody = {"AllowedOrigins": ["*"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}
    return [{**everybody, "AllowedMethods": methods, "MaxAgeSeconds": 3600}]
