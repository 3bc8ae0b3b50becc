from importlib.resources import files

import flask_thumbnails_s3


def test_public_names() -> None:
    """The package's public names are exactly these."""
    assert flask_thumbnails_s3.__all__ == [
        "BrokenImageError",
        "CeleryQueue",
        "ConfigError",
        "Job",
        "MissingImageError",
        "OptionError",
        "PruneRefusedError",
        "Queue",
        "QueueFullError",
        "SourceError",
        "StorageFailedError",
        "ThreadQueue",
        "Thumbnail",
        "ThumbnailError",
        "ThumbnailUrl",
        "TooLargeError",
        "run_job",
        "thumbnail_failed",
        "thumbnail_made",
    ]
    assert all(hasattr(flask_thumbnails_s3, name) for name in flask_thumbnails_s3.__all__)


def test_typed() -> None:
    """Type checkers see that the package is typed."""
    assert files(flask_thumbnails_s3).joinpath("py.typed").is_file()
