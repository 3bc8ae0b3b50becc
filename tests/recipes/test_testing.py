"""Tests of an app, as docs/recipes/testing.md has them."""

from recipes.page import Load
from s3_saver.testing import S3Server


def test_on_s3(load: Load, s3_server: S3Server, s3_bucket: str) -> None:
    """The page's own test on S3 passes with the fixtures that it names."""
    load("testing")["test_note_on_s3"](s3_server, s3_bucket)
