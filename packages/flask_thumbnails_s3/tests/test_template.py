from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, render_template_string
from image_files import ImageFile
from markupsafe import Markup
from thumbnail_place import Place

from flask_thumbnails_s3 import OptionError, ThumbnailUrl
from flask_thumbnails_s3.templates._markup import SourceElement, check_attributes, render_picture
from flask_thumbnails_s3.templates._template import join_srcset, svg_url


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def show(app: Flask, template: str) -> str:
    with app.test_request_context():
        return render_template_string(template)


def test_picture(place: Place, image_file: ImageFile) -> None:
    """A picture has a source for each format, srcset, width and height, with one fetch of the
    source for all of it (sorl#471).
    """
    place.save("a.jpg", image_file((800, 600)))
    app = place.app()
    html = show(
        app,
        "{{ thumbnail_picture('a.jpg', '400x300', formats=('avif', 'webp'), densities=(1, 2),"
        " attrs={'alt': 'a <b> \"c\" & d', 'loading': 'lazy', 'class': 'wide', 'data-id': 7,"
        " 'hidden': False}) }}",
    )
    picture, avif, webp, img = Elements(html).found
    url = place.url
    assert picture == ("picture", {})
    assert avif == (
        "source",
        {
            "type": "image/avif",
            "srcset": f"{url('a_400x300_70_jpg.avif')} 1x, {url('a_800x600_70_jpg.avif')} 2x",
        },
    )
    assert webp[1]["type"] == "image/webp"
    assert img == (
        "img",
        {
            "src": url("a_400x300_85.jpg"),
            "srcset": f"{url('a_400x300_85.jpg')} 1x, {url('a_800x600_85.jpg')} 2x",
            "width": "400",
            "height": "300",
            "alt": 'a <b> "c" & d',
            "loading": "lazy",
            "class": "wide",
            "data-id": "7",
        },
    )
    assert place.calls["open", "a.jpg"] == 1
    assert place.count("save") == 6
    place.calls.clear()
    show(app, "{{ 'a.jpg'|thumbnail_picture('400x300') }}")
    assert not place.calls


def test_picture_of_its_own_format(place: Place, image_file: ImageFile) -> None:
    """A format that is the image's own is not offered twice."""
    place.save("a.webp", image_file((80, 60), "WEBP"))
    html = show(place.app(), "{{ 'a.webp'|thumbnail_picture('40x30', crop='fit') }}")
    assert [tag for tag, _ in Elements(html).found] == ["picture", "source", "img"]
    assert place.count("save") == 4


def test_picture_of_a_missing_image(place: Place) -> None:
    """A picture of a missing image is the placeholder, with one look for the image."""
    html = show(place.app(), "{{ 'no.jpg'|thumbnail_picture('40x30', attrs={'alt': 'No'}) }}")
    (_, _), (tag, attributes) = Elements(html).found
    assert tag == "img"
    assert str(attributes["src"]).startswith("data:image/svg+xml,")
    assert "srcset" not in attributes
    assert place.calls["open", "no.jpg"] == 1


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


def test_picture_by_width(place: Place, image_file: ImageFile) -> None:
    """With widths, each source offers the image in these, and says how wide it is on the page."""
    place.save("a.jpg", image_file((80, 60)))
    html = show(
        place.app(),
        "{{ 'a.jpg'|thumbnail_picture('40x30', widths=(20, 40, 80), sizes='50vw',"
        " formats=('webp',)) }}",
    )
    _, (_, webp), (_, img) = Elements(html).found
    url = place.url
    assert webp == {
        "type": "image/webp",
        "srcset": f"{url('a_20x15_80_jpg.webp')} 20w, {url('a_40x30_80_jpg.webp')} 40w, "
        f"{url('a_80x60_80_jpg.webp')} 80w",
        "sizes": "50vw",
    }
    assert (img["src"], img["sizes"]) == (url("a_40x30_85.jpg"), "50vw")
    assert str(img["srcset"]).endswith("80w")
    assert place.calls["open", "a.jpg"] == 1
    assert 'sizes="100vw"' in show(
        place.app(), "{{ 'a.jpg'|thumbnail_picture('40x30', widths=(20, 40)) }}"
    )


def test_picture_by_media(place: Place, image_file: ImageFile) -> None:
    """Where a query says so, the picture has another shape: sources of their own, which come first
    and have their size. All is made of one fetch.
    """
    place.save("a.jpg", image_file((80, 60)))
    html = show(
        place.app(),
        "{{ 'a.jpg'|thumbnail_picture('40x30', formats=('webp',), quality=50, media={"
        "'(max-width: 600px)': {'size': '20x20', 'crop': 'fit', 'widths': (20, 40)},"
        " 'print': '10x'}) }}",
    )
    found = [dict(attributes) for tag, attributes in Elements(html).found if tag == "source"]
    assert [one.get("media") for one in found] == ["(max-width: 600px)"] * 2 + ["print"] * 2 + [
        None
    ]
    url = place.url
    assert found[0] == {
        "media": "(max-width: 600px)",
        "type": "image/webp",
        "srcset": f"{url('a_20x20_fit_50_jpg.webp')} 20w, {url('a_40x40_fit_50_jpg.webp')} 40w",
        "sizes": "100vw",
        "width": "20",
        "height": "20",
    }
    assert (found[2]["width"], found[3]["type"]) == ("10", "image/jpeg")
    assert "width" not in found[4]
    assert place.calls["open", "a.jpg"] == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("qualty=3", "option 'qualty' is not known, did you mean 'quality'"),
        ("width=(1,)", "did you mean 'widths'"),
        ("onclick='x'", r"option 'onclick' is not known: .*attrs=\{...\}"),
        ("alt='x'", r"attributes of the <img> go into attrs=\{...\}"),
        ("sizes='50vw'", "sizes '50vw': needs widths"),
        ("widths=(20,), sizes=50", "sizes 50: must be a text"),
        ("widths=(20,), densities=(1,)", "not both"),
        ("media='print'", "media 'print': must be a dict"),
        ("media={'print': {'crop': 'fit'}}", "media 'print': must have a size"),
        ("media={'print': {'size': '9x', 'crp': 'fit'}}", "did you mean 'crop'"),
    ],
)
def test_wrong_picture(call: str, words: str, disk: Place) -> None:
    """What a picture does not know raises with the name that may be meant."""
    with pytest.raises(OptionError, match=words):
        show(disk.app(), f"{{{{ 'a.jpg'|thumbnail_picture('40x30', {call}) }}}}")


def test_near_misses_of_options(disk: Place) -> None:
    """The other filters report a near miss, too."""
    with pytest.raises(OptionError, match="did you mean 'format'"):
        show(disk.app(), "{{ 'a.jpg'|thumbnail('40x30', fromat='png') }}")


def test_picture_of_one_format(disk: Place) -> None:
    """A format alone, in place of a list, is an error where it is passed."""
    with pytest.raises(OptionError, match="formats 'webp': must be a list"):
        show(disk.app(), "{{ 'a.jpg'|thumbnail_picture('40x30', formats='webp') }}")


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
