"""Hostile input is refused in the field, in words, with nothing stored; names never lead out."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite, Page
from pictures import opened, picture
from PIL import Image
from places import DiskPlace, Place
from werkzeug.test import TestResponse

from flask_admin_s3_upload import S3FileUploadField, S3ImageUploadField
from untrusted_files.pictures import Limits

SCRIPT = b"<!doctype html><script>alert(document.domain)</script>"
OUTSIDE = [
    "../secret.txt",
    "a/../../secret.txt",
    "/etc/passwd",
    "..\\secret.txt",
    "a\\b.txt",
    "a//b",
]


def refused(site: AdminSite, response: TestResponse, place: Place, words: str) -> None:
    """The form is shown again with these words, and nothing was stored."""
    text = Page.of(response).html.replace("&#34;", '"')
    assert words in text
    assert place.names() == []
    assert site.row() is None


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_name_that_a_function_makes_cannot_lead_out(
    make_site: MakeSite, disk: DiskPlace, name: str, field_class: Any
) -> None:
    """On creation the form says so when it is stored, with the row not made."""
    site = make_site(field_class, {**disk.options, "namegen": lambda obj, file: name})

    response = site.new(file=("x.png", picture()))

    refused(site, response, disk, "cannot be the name of a file")
    assert not (disk.folder.parent / "secret.txt").exists()


def test_a_name_that_leads_out_is_a_form_error_on_s3_too(make_site: MakeSite, place: Place) -> None:
    """Editing a row, it is found by the validation."""
    site = make_site(
        S3FileUploadField, {**place.options, "namegen": lambda obj, file: "../../x.txt"}
    )
    site.insert(title="one")

    response = site.edit(file=("x.txt", b"x"))

    assert "cannot be the name of a file" in response.text
    assert place.names() == []


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("action", ["replace", "untick", "delete"])
@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_stored_value_that_leads_out_deletes_nothing_there(
    make_site: MakeSite, tmp_path: Path, name: str, action: str, field_class: Any
) -> None:
    """Replacing, ticking the delete box and deleting the row leave the foreign file alone."""
    disk = DiskPlace(tmp_path / "static" / "uploads")
    disk.folder.mkdir(parents=True)
    secrets = [tmp_path / "static" / "secret.txt", tmp_path / "static" / "secret_thumb.txt"]
    for secret in secrets:
        secret.write_text("secret")
    site = make_site(field_class, disk.options)
    site.insert(title="one", file=name)

    page = site.form()
    assert page.pictures == []
    assert page.links("secret") == []
    if action == "replace":
        assert site.edit(file=("new.png", picture())).status_code == 302
    elif action == "untick":
        assert site.edit(extra={"_file-delete": "on"}).status_code == 302
        assert site.value() is None
    else:
        site.delete()
        assert site.row() is None

    assert [secret.read_text() for secret in secrets] == ["secret", "secret"]


def test_the_posted_text_is_never_believed(make_site: MakeSite, place: Place) -> None:
    """Whatever the readonly or hidden input says, the object's own name stays and nothing else is
    deleted or shown.
    """
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("mine.txt", b"mine"))
    place.write("other.txt", b"other")

    data = {"title": "one", "file": ["other.txt", (io.BytesIO(b""), "")]}
    site.client.post("/admin/thing/edit/?id=1", data=data)
    assert site.value() == "mine.txt"

    data = {"title": "one", "file": "other.txt", "_file-delete": "on"}
    site.client.post("/admin/thing/edit/?id=1", data=data)
    assert (site.value(), place.names()) == (None, ["other.txt"])

    data = {"title": "two", "file": "other.txt"}
    site.client.post("/admin/thing/new/", data=data)
    assert site.value(2) is None


def test_a_required_field_is_not_satisfied_by_posted_text(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """InputRequired asks for a file, not for a text."""
    from wtforms.validators import InputRequired

    site = make_site(S3FileUploadField, {**disk.options, "validators": [InputRequired()]})

    response = site.client.post("/admin/thing/new/", data={"title": "one", "file": "x.txt"})

    refused(site, response, disk, "This field is required.")


NO_PICTURE = "This is not a picture that can be shown. Choose a JPEG, PNG, WebP, AVIF or GIF."
DAMAGED = "This picture is damaged. Choose another one."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cat.jpg", picture("GIF"), "is not what its name says: rename it to cat.gif."),
        ("cat.png", picture("JPEG"), "is not what its name says: rename it to cat.jpg."),
        ("cat.png", b"<?php echo 1;", NO_PICTURE),
        ("evil.png.", b"<script>alert(1)</script>", NO_PICTURE),
        ("cat.png", b"", NO_PICTURE),
        ("cat.png", picture("PNG", (40, 40))[:60], DAMAGED),
        ("cat.jpg", picture("JPEG", (90, 90), "blue")[:300], DAMAGED),
        ("cat.gif", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG pictures cannot be shown."),
    ],
)
def test_a_picture_that_is_not_what_its_name_says_is_refused(
    make_site: MakeSite, place: Place, name: str, content: bytes, words: str
) -> None:
    """GIF bytes named .jpg, no picture at all, half a picture."""
    site = make_site(S3ImageUploadField, place.options)

    response = site.new(file=(name, content))

    refused(site, response, place, words)


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header claims a size; there is no room for its pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 8000), (12000, 12000), (60000, 60000)])
def test_an_image_bomb_is_refused_by_its_header(
    make_site: MakeSite, place: Place, size: tuple[int, int]
) -> None:
    """The limit of pixels is checked before anything is decoded."""
    site = make_site(S3ImageUploadField, place.options)

    response = site.new(file=("bomb.png", bomb(*size)))

    words = f"This picture has too many pixels; the limit is {Limits().max_decoded_pixels:,}."
    refused(site, response, place, words)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_max_pixels_is_the_field_s(make_site: MakeSite, disk: DiskPlace, format: str) -> None:
    """Just as many pass, one more is refused."""
    site = make_site(S3ImageUploadField, {**disk.options, "max_pixels": 12})
    name = f"a.{format.lower()}"

    response = site.new(file=(name, picture(format, (13, 1))))

    refused(site, response, disk, "This picture has too many pixels; the limit is 12.")
    assert site.new(file=(name, picture(format, (4, 3)))).status_code == 302


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_a_file_larger_than_max_bytes_is_refused(
    make_site: MakeSite, place: Place, field_class: Any
) -> None:
    """Before its content is looked at."""
    content = picture()
    site = make_site(field_class, {**place.options, "max_bytes": len(content) - 1})

    response = site.new(file=("cat.png", content))

    words = f"the limit is {len(content) - 1} bytes."
    refused(site, response, place, words)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("report.pdf", b"<script>alert(1)</script>", "This file is damaged, or not what"),
        ("table.csv", picture(), "rename it to table.png."),
        ("evil.html.", SCRIPT, "Files with .html in their name are not accepted here."),
        ("evil.svg_", SCRIPT, "Files with .svg in their name are not accepted here."),
        ("evil.ht\xadml", SCRIPT, "Files with .html in their name are not accepted here."),
        ("evil.xsl", SCRIPT, "Files with .xsl in their name are not accepted here."),
        ("evil.php.", SCRIPT, "Files with .php in their name are not accepted here."),
        ("evil.php.png", picture(), "Files with .php in their name are not accepted here."),
        ("evil.html.xyz", SCRIPT, "Files with .html in their name are not accepted here."),
        ("evil", SCRIPT, "HTML, SVG and XML files are not accepted here."),
    ],
)
def test_a_file_that_might_be_run_is_refused(
    make_site: MakeSite, place: Place, name: str, content: bytes, words: str
) -> None:
    """As well as one whose content is not what its name says: test_checks.py has more of both."""
    site = make_site(S3FileUploadField, place.options)

    refused(site, site.new(file=(name, content)), place, words)


@pytest.mark.parametrize("name", ["evil.php.png", "x.php\0.png"])
def test_a_picture_with_a_hidden_extension_is_refused(
    make_site: MakeSite, place: Place, name: str
) -> None:
    """evil.php.png is a picture to us and a program to some web servers."""
    site = make_site(S3ImageUploadField, place.options)

    response = site.new(file=(name, picture()))

    refused(site, response, place, "Files with .php in their name are not accepted here.")


@pytest.mark.parametrize("title", ["evil.html", "evil.php"])
def test_a_name_that_a_function_makes_is_judged_when_it_is_known(
    make_site: MakeSite, place: Place, title: str
) -> None:
    """Of a new object that is when the file is stored, of an old one before."""
    extension = title.rpartition(".")[2]
    words = f"Files with .{extension} in their name are not accepted here."
    options = {**place.options, "namegen": lambda obj, file: obj.title}
    site = make_site(S3FileUploadField, options)

    refused(site, site.new(title, ("notes.txt", b"notes")), place, words)
    site.insert(title=title)
    assert words in site.edit(title, ("notes.txt", b"notes")).text
    assert place.names() == []


def test_what_waits_for_its_form_is_judged_by_its_own_name(
    make_site: MakeSite, place: Place
) -> None:
    """Whatever a function would call it later, it would wait under the extension that was sent."""
    options = {**place.options, "namegen": lambda obj, file: "a.txt"}
    site = make_site(S3FileUploadField, options)

    response = site.new("", ("evil.html", SCRIPT))

    refused(site, response, place, "Files with .html in their name are not accepted here.")


@pytest.mark.parametrize("namegen", ["stem", "other"])
def test_a_name_that_a_function_makes_has_an_allowed_extension(
    make_site: MakeSite, place: Place, namegen: str
) -> None:
    """Or none."""
    names = {"stem": "0123", "other": "0123.exe"}
    options = {
        **place.options,
        "namegen": lambda obj, file: names[namegen],
        "allowed_extensions": ["txt"],
    }
    site = make_site(S3FileUploadField, options)

    response = site.new(file=("a.txt", b"a"))

    if namegen == "other":
        refused(site, response, place, "Invalid file extension. Allowed: .txt")
    else:
        assert place.names() == ["0123"]


@pytest.mark.parametrize("name", ["archive.tar.gz", "jquery.min.js", "v1.2.report.txt"])
def test_a_harmless_double_extension_passes(
    make_site: MakeSite, disk: DiskPlace, name: str
) -> None:
    """Dots in names are common."""
    site = make_site(S3FileUploadField, disk.options)
    content = b"\x1f\x8b\x08" if name.endswith("gz") else b"x"

    site.new(file=(name, content))

    assert disk.names() == [name]


@pytest.mark.parametrize("name", ["evil.png.php", "cat.svg", "png", "cat.", "cat.png/svg"])
def test_an_extension_that_is_not_allowed_is_refused(
    make_site: MakeSite, place: Place, name: str
) -> None:
    """Only the last one counts, and without one nothing passes."""
    site = make_site(S3ImageUploadField, place.options)

    words = "Invalid file extension. Allowed: .gif, .jpg, .jpeg, .jfif, .png, .tiff"
    refused(site, site.new(file=(name, picture())), place, words)


def test_an_extension_is_that_of_the_clean_name(make_site: MakeSite, place: Place) -> None:
    """What is removed from a name does not count."""
    site = make_site(S3ImageUploadField, place.options)

    site.new(file=("cat.png ", picture()))

    assert place.names() == ["cat.png"]


@pytest.mark.parametrize(
    ("uploaded", "stored"),
    [
        ("日本.txt", "日本.txt"),
        ("Café menu.txt", "Café_menu.txt"),
        ("../../日本.txt", "日本.txt"),
        ("हिन्दी.txt", "हिन्दी.txt"),
        ("🎉.txt", "file.txt"),
        ("日本", "日本"),
        ("日" * 200 + ".txt", "日" * 65 + ".txt"),
    ],
)
def test_unicode_names_survive(
    make_site: MakeSite, place: Place, uploaded: str, stored: str
) -> None:
    """日本.txt keeps its name, and so do others, less what is no letter and what leads out."""
    site = make_site(S3FileUploadField, place.options)

    assert site.new(file=(uploaded, b"x")).status_code == 302

    assert site.value() == stored
    assert place.names() == [stored]
    assert site.form().inputs("file")[0] == stored


@pytest.mark.parametrize("format", ["WEBP", "AVIF"])
def test_webp_and_avif_are_allowed_by_default_and_kept(
    make_site: MakeSite, place: Place, format: str
) -> None:
    """Flask-Admin refuses them, and makes JPEG of them where an option says so."""
    if f".{format.lower()}" not in Image.registered_extensions():
        pytest.skip(f"this Pillow was built without {format}: install Pillow 11.3 or newer")
    site = make_site(S3ImageUploadField, {**place.options, "thumbnail_size": (2, 2, True)})
    name = f"cat.{format.lower()}"

    site.new(file=(name, picture(format)))

    assert opened(place.read(name)).format == format
    assert opened(place.read(f"cat_thumb.{format.lower()}")).size == (2, 2)


@pytest.mark.parametrize("name", ["page.html", "PAGE.HTM", "cat.svg", "feed.xml", "a.b.xhtml"])
def test_what_runs_scripts_must_be_allowed_by_name(
    make_site: MakeSite, place: Place, name: str
) -> None:
    """A field that takes any extension takes none that a browser would run on the site's origin."""
    extension = name.rpartition(".")[2].lower()
    site = make_site(S3FileUploadField, place.options)

    page = Page.of(site.new(file=(name, b"<script>")))

    assert f"Files with .{extension} in their name are not accepted here." in page.html
    assert place.names() == []

    allowed = make_site(
        S3FileUploadField, {**place.options, "allowed_extensions": ["pdf", extension]}
    )
    assert allowed.new(file=(name, b"<script>")).status_code == 302
    assert place.names() == [name]


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        *((f"a.{one}", "") for one in ("txt", "png", "pdf", "mp3", "mp4")),
        *((f"a.{one}", "attachment") for one in ("csv", "zip", "js", "md", "xyz", "docx")),
        ("README", "attachment"),
    ],
)
def test_what_browsers_do_not_show_is_an_attachment_on_s3(
    make_site: MakeSite, s3: Any, name: str, disposition: str
) -> None:
    """Pictures, sound, films, PDF and plain text are shown, whatever else is saved."""
    contents = {
        "png": picture(),
        "pdf": b"%PDF-1.4\n",
        "zip": packed(),
        "mp3": b"ID3\4" + bytes(60),
    }
    contents |= {"mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "docx": packed(document=True)}
    site = make_site(S3FileUploadField, s3.options)

    response = site.new(file=(name, contents.get(name.rpartition(".")[2], b"x")))

    assert response.status_code == 302, response.text
    head = s3.client.head_object(Bucket=s3.bucket_name, Key=s3.prefix + name)
    assert head.get("ContentDisposition", "") == disposition


def packed(*, document: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml") if document else ("a.txt",):
            archive.writestr(name, "<a/>")
    return out.getvalue()


def test_html_and_svg_on_s3_are_attachments(make_site: MakeSite, s3: Any) -> None:
    """Opened from a link they would run scripts on the bucket's origin: when they are put aside,
    stored, and put in the place of another.
    """
    site = make_site(S3FileUploadField, {**s3.options, "allowed_extensions": ["html"]})

    def dispositions() -> set[str]:
        keys = [s3.prefix + name for name in s3.names()]
        heads = [s3.client.head_object(Bucket=s3.bucket_name, Key=key) for key in keys]
        return {head.get("ContentDisposition", "") for head in heads}

    site.new("", ("page.html", b"<script>"))
    assert dispositions() == {"attachment"}
    site.new(file=("page.html", b"<script>"))
    site.edit(file=("page.html", b"<script>anew"))
    assert s3.read("page.html") == b"<script>anew"
    assert dispositions() == {"attachment"}


def test_what_is_hidden_behind_a_picture_is_served_as_a_picture(
    make_site: MakeSite, place: Place
) -> None:
    """A PNG with a script at its end keeps its bytes and its type; resizing leaves the script
    behind.
    """
    script = b"<script>alert(1)</script><?php system('id');"
    site = make_site(S3ImageUploadField, {**place.options, "thumbnail_size": (2, 2, True)})

    site.new(file=("cat.png", picture(size=(9, 9)) + script))

    assert place.read("cat.png").endswith(script)
    assert script not in place.read("cat_thumb.png")
    if place.storage_type:
        head = place.client.head_object(  # type: ignore[attr-defined]
            Bucket=place.bucket_name, Key="static/uploads/cat.png"
        )
        assert head["ContentType"] == "image/png"
    else:
        response = site.client.get("/static/uploads/cat.png")
        assert response.content_type == "image/png"
        response.close()


def test_markup_in_a_file_name_is_escaped(make_site: MakeSite, disk: DiskPlace) -> None:
    """A stored name is text in the form and in the list."""
    from flask_admin_s3_upload import s3_link_formatter

    site = make_site(
        S3FileUploadField,
        disk.options,
        view_attributes={"column_formatters": {"file": s3_link_formatter}},
    )
    site.insert(title="one", file='"><script>alert(1)<')

    assert "<script>alert" not in site.form().html
    assert "<script>alert" not in site.list().html
