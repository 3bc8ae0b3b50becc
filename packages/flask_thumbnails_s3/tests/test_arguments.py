"""What is passed besides a size and its options."""

from typing import Any

import pytest
from jinja2 import Undefined
from markupsafe import Markup

from flask_thumbnails_s3 import OptionError
from flask_thumbnails_s3.naming._arguments import check_formats, check_image


@pytest.mark.parametrize("image", [5, b"a.jpg", ["a.jpg"], object()])
def test_image_is_no_name(image: Any) -> None:
    """What is passed for an image and is no name raises an error that names the rule."""
    with pytest.raises(OptionError, match="its name below MEDIA_FOLDER"):
        check_image(image)


def test_image_name() -> None:
    """A name that a template has marked as safe is an ordinary one; one that is undefined, none."""
    name = check_image(Markup("a<b.jpg"))
    assert type(name) is str
    assert name == "a<b.jpg"
    assert check_image(None) == check_image(Undefined(name="image")) == ""


@pytest.mark.parametrize("formats", ["webp", b"webp", None, 5, ["gif"], [None], [["webp"]], [""]])
def test_wrong_formats(formats: Any) -> None:
    """Formats of a picture that are no list of those that can be written are refused."""
    with pytest.raises(OptionError, match=r"^formats .*: must be a list such as .'avif', 'webp'"):
        check_formats(formats)


def test_formats() -> None:
    """Any iterable of formats does, an empty one too: then there is the image's own only."""
    assert check_formats(name for name in ("avif", "png")) == ["avif", "png"]
    assert check_formats(()) == []
