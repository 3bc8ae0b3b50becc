"""A column of flask_s3_upload in a view of flask_admin_s3_upload, with thumbnails of
flask_thumbnails_s3: none of these knows the others.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from picture_admin import Site, picture
from PIL import Image


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    with site.app.app_context():
        site.db.engine.dispose()


def test_direct_uploads_in_the_admin(site: Site) -> None:
    """The form has the element of the ES module; its token is claimed with the row, once."""
    html = site.text("new/")
    assert 'data-purpose="picture"' in html
    assert 'data-name="image"' in html
    module = re.search(r'<script src="([^"]+)" type="module">', html)
    assert module
    assert site.client.get(module[1], buffered=True).status_code == 200

    token = site.send(picture(), "sea.png")
    assert site.save("new/", token).status_code == 302
    assert site.stored().filename == "sea.png"
    assert site.stored().name.startswith("pictures/")

    assert site.save("edit/?id=1", token).status_code == 200  # it was claimed before


def test_a_plain_post_is_held_while_the_form_is_corrected(site: Site) -> None:
    """Its token goes with the form; what breaks the purpose's rules is refused in words."""
    html = site.save("new/", (io.BytesIO(picture()), "sea.png"), title="").text
    held = re.search(
        r'<input data-filename="sea.png" name="image" type="hidden" value="([^"]+)">', html
    )
    assert held
    assert site.save("new/", held[1]).status_code == 302
    assert site.stored().filename == "sea.png"

    assert "This file" in site.save("edit/?id=1", (io.BytesIO(b"text"), "a.txt")).text


def test_lists_show_thumbnails(site: Site) -> None:
    """By the filter of the app, in place of the whole picture."""
    site.save("new/", (io.BytesIO(picture()), "sea.png"))

    for page, size in (("", (100, 67)), ("edit/?id=1", (200, 133))):
        (url,) = re.findall(r'<img alt="sea.png" src="([^"]+)">', site.text(page))
        response = site.client.get(url.replace("&amp;", "&"), buffered=True)
        assert Image.open(io.BytesIO(response.data)).size == size


def test_the_focal_point_is_where_thumbnails_are_cropped(site: Site) -> None:
    """What the admin keeps is in the file's metadata, next to the picture's size."""
    site.save("new/", (io.BytesIO(picture()), "sea.png"))
    empty = (io.BytesIO(), "")

    site.save("edit/?id=1", empty, **{"_image-focus-x": "10", "_image-focus-y": "90"})

    assert site.stored().metadata == {"width": 300, "height": 200, "focus": [10, 90]}
