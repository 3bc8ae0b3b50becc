"""Names of images that are URLs."""

import pytest
from thumbnail_place import Place

from flask_thumbnails_s3 import MissingImageError, Thumbnail
from flask_thumbnails_s3.naming._misnamed import explain

URL = "that is a URL; pass a name below MEDIA_FOLDER"
PATH = "that is the path of a static file's URL; pass its name below MEDIA_FOLDER, such as "
OTHER_PATH = "that is the path of a URL or of a file; pass a name below MEDIA_FOLDER"


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("https://example.com/a.jpg", URL),
        ("HTTP://example.com/a.jpg", URL),
        ("//example.com/a.jpg", URL),
        ("s3://bucket/a.jpg", URL),
        ("data:image/png;base64,AAAA", URL),
        ("/static/uploads/d/a.jpg", f"{PATH}'d/a.jpg'"),
        ("static/uploads/d/a.jpg", f"{PATH}'d/a.jpg'"),
        ("/static/a.jpg", f"{PATH}'a.jpg'"),
        ("/srv/uploads/a.jpg", OTHER_PATH),
        ("/a.jpg", OTHER_PATH),
        ("d/a.jpg", ""),
        ("statics/a.jpg", ""),
        ("uploads/a.jpg", ""),
        ("../a.jpg", ""),
        ("a: b.jpg", ""),
    ],
)
def test_words(image: str, words: str) -> None:
    """A URL, or the path of one, is recognized; the error says the name to pass if it is known."""
    assert explain(image, "/static", "uploads/") == words


@pytest.mark.parametrize("static_path", ["", "/"])
def test_static_files_at_the_root(static_path: str) -> None:
    """Where static files have no path of their own, a name is none of theirs."""
    assert explain("static/a.jpg", static_path, "/") == ""


@pytest.mark.parametrize(
    ("image", "words"),
    [("https://example.com/a.jpg", URL), ("/static/up/a.jpg", f"{PATH}'up/a.jpg'")],
)
def test_url_for_an_image(
    image: str, words: str, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that shows a URL gets the placeholder, and the log says what to pass; strict mode and
    generate raise it.
    """
    extension = Thumbnail()
    with place.app(thumbnail=extension).test_request_context():
        assert extension.thumbnail(image, "20x20").stands_in
        (record,) = caplog.records
        assert record.message.endswith(f": {image!r}: {words}")
        with pytest.raises(MissingImageError) as missing:
            extension.generate(image, ["20x20"])
    assert str(missing.value) == f"{image!r}: {words}"
