"""Pictures: upright, within their size, in the format of their name."""

import subprocess
import sys

import pytest
from admin_site import MakeSite
from pictures import opened, picture
from PIL import Image
from places import DiskPlace, Place

from flask_admin_s3_upload import S3ImageUploadField

LYING = 6  # EXIF's orientation of a picture to be turned by 90 degrees


def lying(size: tuple[int, int] = (40, 20)) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = LYING
    exif[0x010E] = "a place that nobody should know"
    return picture("JPEG", size, exif=exif)


def test_orientation_is_applied_on_resize(make_site: MakeSite, place: Place) -> None:
    """A picture that lies is turned before it is resized; its metadata stays behind."""
    options = {**place.options, "max_size": (30, 30, False), "thumbnail_size": (10, 10, False)}
    site = make_site(S3ImageUploadField, options)
    site.new(file=("cat.jpg", lying()))

    stored = place.read("cat.jpg")
    assert opened(stored).size == (15, 30)
    assert opened(place.read("cat_thumb.jpg")).size == (5, 10)
    assert b"nobody should know" not in stored


def test_a_picture_that_is_not_resized_keeps_its_bytes(make_site: MakeSite, place: Place) -> None:
    """Orientation and all, as Flask-Admin keeps it."""
    site = make_site(S3ImageUploadField, place.options)
    content = lying()
    site.new(file=("cat.jpeg", content))

    assert place.names() == ["cat.jpg"]
    assert place.read("cat.jpg") == content


def test_other_formats_become_jpeg(make_site: MakeSite, place: Place) -> None:
    """A TIFF, which browsers do not show, is stored as a JPEG named so, as Flask-Admin does."""
    site = make_site(S3ImageUploadField, place.options)
    site.new(file=("cat.tiff", picture("TIFF")))

    assert site.value() == "cat.jpg"
    assert opened(place.read("cat.jpg")).format == "JPEG"


def test_a_field_can_keep_other_formats(make_site: MakeSite, place: Place) -> None:
    """By keep_image_formats, as in Flask-Admin: with its value, a GIF becomes a JPEG, too."""

    class Keeping(S3ImageUploadField):
        keep_image_formats = ("PNG",)

    site = make_site(Keeping, place.options)
    site.new("one", ("cat.gif", picture("GIF")))
    site.new("two", ("dog.png", picture("PNG")))

    assert place.names() == ["cat.jpg", "dog.png"]
    assert opened(place.read("cat.jpg")).format == "JPEG"


def test_the_file_field_needs_no_pillow() -> None:
    """Importing the package, and checking a file, imports neither Pillow nor boto3."""
    script = (
        "import sys; sys.modules['PIL'] = None\n"
        "import flask_admin_s3_upload as package\n"
        "assert package.S3FileUploadField\n"
        "assert 'boto3' not in sys.modules\n"
        "import io\n"
        "from werkzeug.datastructures import FileStorage\n"
        "from wtforms import Form\n"
        "class Plain(Form):\n"
        "    file = package.S3FileUploadField()\n"
        "form = Plain()\n"
        "form.file.data = FileStorage(io.BytesIO(b'x'), 'x.txt')\n"
        "assert form.validate()\n"
        "try: package.S3ImageUploadField()\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.strip() == (
        "S3ImageUploadField needs Pillow: pip install 'flask-admin-s3-upload[images]'"
    ), done.stderr


@pytest.mark.parametrize("name", ["cat.jpg", "cat.JPG", "cat.jpeg"])
def test_extensions_are_compared_without_case(
    make_site: MakeSite, disk: DiskPlace, name: str
) -> None:
    """And a JPEG is one under both of its extensions."""
    site = make_site(S3ImageUploadField, disk.options)
    site.new(file=(name, picture("JPEG")))

    assert disk.names() == ["cat.jpg"]


def test_formats_are_an_option(make_site: MakeSite, place: Place) -> None:
    """What is not among them becomes a JPEG; a subclass is not needed."""
    site = make_site(S3ImageUploadField, {**place.options, "formats": ("WEBP",)})

    site.new("one", ("a.png", picture()))
    site.new("two", ("b.webp", picture("WEBP")))

    assert (site.value(1), site.value(2)) == ("a.jpg", "b.webp")
    assert opened(place.read("a.jpg")).format == "JPEG"
