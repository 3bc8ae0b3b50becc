"""The HTML of a picture."""

from typing import Any

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup
from thumbnail_place import Place

from flask_thumbnails_s3 import OptionError, ThumbnailUrl
from flask_thumbnails_s3.templates._markup import SourceElement, check_attributes, render_picture


def show(app: Flask, template: str) -> str:
    with app.test_request_context():
        return render_template_string(template)


@pytest.mark.parametrize("name", ['x" onload', "a b", "<", "", "_", "src", "srcset", "SIZES", 7])
def test_attribute_names(name: Any, disk: Place) -> None:
    """An attribute's name that could not be one is refused, and one that the element has."""
    with pytest.raises(OptionError, match="attribute"):
        check_attributes({name: "x"})
    with pytest.raises(OptionError, match="attrs 'alt': must be a dict"):
        show(disk.app(), "{{ 'a.jpg'|thumbnail_picture('40x30', attrs='alt') }}")


def test_attributes() -> None:
    """Every value is escaped, Markup too; True is an attribute without value, None is none."""
    html = render_picture(
        ThumbnailUrl('/a".jpg?x&y', (4, 3)),
        "",
        [SourceElement("image/webp", '/b"<.webp 1x'), SourceElement("image/avif", "")],
        {"alt": Markup('5" &amp; more'), "hidden": True, "title": None},
    )
    assert html == (
        '<picture><source type="image/webp" srcset="/b&#34;&lt;.webp 1x">'
        '<img src="/a&#34;.jpg?x&amp;y" width="4" height="3" alt="5&#34; &amp; more" hidden>'
        "</picture>"
    )
