from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, render_template_string
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import OptionError, ThumbnailUrl
from flask_thumbnails_s3.templates._template import join_srcset, svg_url


def show(app: Flask, template: str) -> str:
    with app.test_request_context():
        return render_template_string(template)


def test_srcset_by_density(place: Place, image_file: ImageFile) -> None:
    """A srcset for densities has multiples of the size."""
    place.save("a.jpg", image_file((800, 600)))
    srcset = show(
        place.app(), "{{ 'a.jpg'|thumbnail_srcset('40x30', densities=(1, 1.5, 2), crop='fit') }}"
    )
    url = place.url
    assert srcset == (
        f"{url('a_40x30_fit_85.jpg')} 1x, {url('a_60x45_fit_85.jpg')} 1.5x, "
        f"{url('a_80x60_fit_85.jpg')} 2x"
    )
    assert place.calls["open", "a.jpg"] == 1


def test_srcset_by_width(place: Place, image_file: ImageFile) -> None:
    """A srcset for widths has the real ones, and nothing twice."""
    place.save("a.jpg", image_file((80, 60)))
    srcset = show(place.app(), "{{ 'a.jpg'|thumbnail_srcset('40x', widths=(20, 40, 400, 4000)) }}")
    assert srcset == (
        f"{place.url('a_20x_85.jpg')} 20w, {place.url('a_40x_85.jpg')} 40w, "
        f"{place.url('a_400x_85.jpg')} 80w"
    )


def test_srcset_before_the_sizes_are_known(disk: Place) -> None:
    """In lazy mode a srcset has the requested widths."""
    srcset = show(
        disk.app(THUMBNAIL_MODE="lazy"), "{{ 'a.jpg'|thumbnail_srcset('40x', widths=(20, 40)) }}"
    )
    assert [part.rpartition(" ")[2] for part in srcset.split(", ")] == ["20w", "40w"]


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        ("('40x', densities=(1,), widths=(20,))", "not both"),
        ("('x40', widths=(20,))", "widths need a size"),
        ("('40x', widths=(100000,))", "99999"),
        ("('40x', widths='20')", "widths '20': must be a list of whole pixels"),
        ("('40x', widths=(20.5,))", "must be a list of whole pixels"),
        ("('40x', densities='2')", "densities '2': must be a list of numbers"),
        ("('40x', densities=2)", "densities 2: must be a list of numbers"),
        ("('40x', densities=(0,))", "must be a list of numbers"),
        ("('40x', densities=(true,))", "must be a list of numbers"),
    ],
)
def test_wrong_srcset(call: str, rule: str, disk: Place) -> None:
    """A srcset that cannot be raises with the rule."""
    with pytest.raises(OptionError, match=rule):
        show(disk.app(), f"{{{{ 'a.jpg'|thumbnail_srcset{call} }}}}")


def test_near_misses_of_options(disk: Place) -> None:
    """The other filters report a near miss, too."""
    with pytest.raises(OptionError, match="did you mean 'format'"):
        show(disk.app(), "{{ 'a.jpg'|thumbnail('40x30', fromat='png') }}")


def test_placeholders_are_no_candidates() -> None:
    """What stands in for a thumbnail is not offered as one."""
    ready, waiting = ThumbnailUrl("/a", (2, 1)), ThumbnailUrl("/wait", (2, 1), stands_in=True)
    assert join_srcset([(waiting, "1x"), (ready, "2x")]) == "/a 2x"


def test_svg() -> None:
    """The inline placeholder is an SVG image of that size, and a URL without spaces or quotes that
    would end an attribute or a candidate of a srcset.
    """
    url = svg_url((20, 10))
    assert not set(' "<>&#,' + "'") & set(url.removeprefix("data:image/svg+xml,"))
    svg = ET.fromstring(unquote(url).partition(",")[2])
    assert (svg.get("width"), svg.get("height")) == ("20", "10")
