"""What other extensions learn of the folders."""

from typing import Any

import pytest
from flask import Flask

from flask_thumbnails_s3 import ConfigError, Thumbnail
from s3_saver import PrefixRegistry


def make_app(**config: Any) -> Flask:
    app = Flask("project", instance_path="/srv/instance")
    app.config.update(
        {
            "MEDIA_FOLDER": "uploads",
            "S3_BUCKET_NAME": "media",
            "S3_REGION": "eu-north-1",
            "S3_ALLOWED_BUCKETS": ["old-media"],
            **config,
        }
    )
    return app


def test_what_is_announced() -> None:
    """Originals and thumbnails are announced, on disk and in every bucket that may have them."""
    app = make_app()
    Thumbnail(app)
    registry = PrefixRegistry.of(app.extensions)
    assert registry.find_path("/srv/instance/uploads/a.jpg")
    assert registry.find_path("/srv/instance/thumbnails/a_2x2_85.jpg")
    assert registry.find_key("media", "uploads/a.jpg")
    assert registry.find_key("old-media", "uploads/a.jpg")
    assert registry.find_key("media", "thumbnails/a_2x2_85.jpg")
    assert not registry.find_key("media", "static/app.css")
    assert not registry.find_path("/srv/instance/static/app.css")


@pytest.mark.parametrize("is_first", [True, False])
def test_originals_are_shared(is_first: bool) -> None:
    """Those who keep the originals announce them too, whoever is set up first."""
    app = make_app()
    registry = PrefixRegistry.of(app.extensions)
    if is_first:
        Thumbnail(app)
    registry.announce("flask_s3_upload", folder="/srv/instance/uploads")
    registry.announce("flask_s3_upload", storage_type="s3", bucket_name="media", prefix="uploads")
    if not is_first:
        Thumbnail(app)


def test_thumbnails_are_not_shared() -> None:
    """Thumbnails among the files of another extension are refused, by the settings' names."""
    app = make_app(MEDIA_THUMBNAIL_FOLDER="pictures/small")
    PrefixRegistry.of(app.extensions).announce("flask_s3_upload", folder="/srv/instance/pictures")
    with pytest.raises(ConfigError, match="those of thumbnails are MEDIA_THUMBNAIL_FOLDER"):
        Thumbnail(app)
