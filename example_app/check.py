"""The whole round trip over HTTP, as somebody with a browser makes it."""

import os
from io import BytesIO

import click
from PIL import Image

from example_app.storage import PICTURE
from example_app.visitor import CheckError, Page, Visitor

# In pixels: a picture, and what the pages ask for of it, to fit into 480x480 and to fill 300x300.
_PICTURE_SIZE = (640, 480)
_THUMBNAIL_SIZE = (480, 360)
_GALLERY_SIZE = (300, 300)

_STYLES = "static/app.css"
_ADMIN = "admin/picture"


def check(app_url: str, email: str, password: str) -> None:
    """Visit every story of the app, and print each step with its URLs and statuses.

    :param app_url: the URL of the home page, on which no picture is yet.
    :param email: of somebody who may use the admin.
    :param password: of the same.
    :raises CheckError: a step failed, or a byte did not come back.
    """
    visitor = Visitor(app_url)
    first, second = make_jpeg(), make_jpeg()
    check_home(visitor, first, second)
    check_assets(visitor)
    check_gallery(visitor, first)
    check_admin(visitor, email, password, first, second)


def check_home(visitor: Visitor, first: bytes, second: bytes) -> None:
    """Upload, view, replace and delete the picture of the home page."""
    click.echo("Open the home page")
    if visitor.open("").original_url:
        raise CheckError("There is a picture already.")

    click.echo(f"Upload a JPEG of {len(first):,} bytes")
    first_url = upload(visitor, first)
    click.echo("View the original and its thumbnail")
    visitor.expect_bytes(first_url, first)
    first_thumbnail = visitor.expect_thumbnail("", _THUMBNAIL_SIZE, home_thumbnail)

    click.echo(f"Replace it by a JPEG of {len(second):,} bytes")
    second_url = upload(visitor, second)
    click.echo("View the new ones, and the old")
    visitor.expect_bytes(second_url, second)
    second_thumbnail = visitor.expect_thumbnail("", _THUMBNAIL_SIZE, home_thumbnail)
    visitor.expect_gone(first_url, first_thumbnail)

    click.echo("Delete it")
    if visitor.submit("delete").original_url:
        raise CheckError(f"The page still shows it, and says: {visitor.page.words}")
    visitor.expect_gone(second_url, second_thumbnail)


def check_assets(visitor: Visitor) -> None:
    """Load a static file, from S3 or from the app."""
    click.echo("Load the pages' stylesheet")
    url = next((url for url in visitor.page.stylesheets if url.endswith(_STYLES)), "")
    if not url:
        raise CheckError(f"The page has no stylesheet {_STYLES}.")
    with open(os.path.join(os.path.dirname(__file__), "static", "app.css"), "rb") as file:
        visitor.expect_bytes(url, file.read())


def check_gallery(visitor: Visitor, picture: bytes) -> None:
    """Send a picture straight to the storage, claim it into the gallery, view and delete it."""
    click.echo("Send a picture directly, and add it to the gallery")
    before = set(visitor.open("gallery", quiet=True).deletions)
    token = visitor.send_directly(PICTURE, "photo.jpg", picture, "image/jpeg")
    page = visitor.submit("gallery", {"pictures": token})
    if not set(page.deletions) - before:
        raise CheckError(f"The gallery does not show it, but says: {page.words}")
    click.echo("View it and its thumbnail")
    url, deletion = page.originals[0], page.deletions[0]  # the newest comes first
    visitor.expect_bytes(url, picture)
    thumbnail = visitor.expect_thumbnail("gallery", _GALLERY_SIZE, lambda page: page.thumbnails[0])
    click.echo("Delete it")
    visitor.submit(deletion)
    visitor.expect_gone(url, thumbnail)


def check_admin(visitor: Visitor, email: str, password: str, first: bytes, second: bytes) -> None:
    """Sign in, then create, edit and delete a row with a picture."""
    click.echo("Sign in to the admin")
    visitor.open("admin/", quiet=True)
    visitor.submit("login", {"email": email, "password": password})
    before = set(visitor.open(f"{_ADMIN}/").rows)

    click.echo("Create a row with a picture")
    visitor.open(f"{_ADMIN}/new/", quiet=True)
    page = visitor.submit(f"{_ADMIN}/new/", {"title": "Check"}, files=image_file(first))
    if len(created := set(page.rows) - before) != 1:
        raise CheckError(f"The admin does not list it, but says: {page.words}")
    (row,) = created
    edit = f"{_ADMIN}/edit/?id={row}"
    first_url = preview(visitor.open(edit, quiet=True))
    visitor.expect_bytes(first_url, first)

    click.echo("Edit it, with another picture")
    visitor.submit(edit, {"title": "Check"}, files=image_file(second))
    second_url = preview(visitor.open(edit, quiet=True))
    visitor.expect_bytes(second_url, second)
    visitor.expect_gone(first_url)

    click.echo("Delete it")
    page = visitor.submit(f"{_ADMIN}/delete/", {"id": row})
    if row in page.rows:
        raise CheckError(f"The admin still lists it, and says: {page.words}")
    visitor.expect_gone(second_url)


def upload(visitor: Visitor, picture: bytes) -> str:
    """Save a picture on the home page, and return the URL of its original."""
    earlier = visitor.page.original_url
    page = visitor.submit("", files=image_file(picture))
    if page.original_url is None or page.original_url == earlier:
        raise CheckError(f"The page does not show it, but says: {page.words}")
    return page.original_url


def image_file(picture: bytes) -> dict[str, tuple[str, bytes, str]]:
    return {"image": ("photo.jpg", picture, "image/jpeg")}


def home_thumbnail(page: Page) -> str:
    return page.thumbnail_url


def preview(page: Page) -> str:
    if not page.previews:
        raise CheckError(f"The admin's form shows no picture, but says: {page.words}")
    return page.previews[0]


def make_jpeg() -> bytes:
    """Make a picture of shades and grain, as a camera would write it: a JPEG with EXIF."""
    size = _PICTURE_SIZE
    light = Image.linear_gradient("L").resize(size)
    lens = Image.radial_gradient("L").resize(size)
    grain = Image.effect_noise(size, 40)
    exif = Image.Exif()
    exif[0x010E] = "A picture for the check of the example app"  # ImageDescription
    file = BytesIO()
    Image.merge("RGB", (light, grain, lens)).save(file, "JPEG", exif=exif)
    return file.getvalue()
