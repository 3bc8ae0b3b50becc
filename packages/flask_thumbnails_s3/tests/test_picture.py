"""A whole picture element."""

from html.parser import HTMLParser

import pytest
from flask import Flask, render_template_string
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import OptionError


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


def test_picture_of_one_format(disk: Place) -> None:
    """A format alone, in place of a list, is an error where it is passed."""
    with pytest.raises(OptionError, match="formats 'webp': must be a list"):
        show(disk.app(), "{{ 'a.jpg'|thumbnail_picture('40x30', formats='webp') }}")
