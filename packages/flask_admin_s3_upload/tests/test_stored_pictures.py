"""What becomes of pictures: of their colors, their metadata, their frames."""

import io
import struct
import zlib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel  # type: ignore[import-untyped]
from pictures import opened, picture
from PIL import Image, ImageCms
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_admin_s3_upload import S3ImageUploadField
from untrusted_files import RejectedError, Rules
from untrusted_files.pictures import check_picture


@pytest.fixture(scope="module", autouse=True)
def app() -> Iterator[Flask]:
    """An app whose language the messages are in."""
    app = Flask("site")
    Babel(app)
    with app.test_request_context():
        yield app


class Thing:
    file: str | None = None


def store(folder: Path, name: str, content: bytes, **options: Any) -> dict[str, bytes]:
    """Post a picture to a form of its own, and return the files that are there afterwards.

    :raises ValueError: the field refuses it; its message is the field's.
    """

    class ThingForm(Form):
        file = S3ImageUploadField(base_path=str(folder), **options)

    form: Any = ThingForm()
    stream = io.BytesIO(content)
    form.file.data = FileStorage(stream, name)
    if not form.validate():
        (refusal,) = form.file.errors
        raise ValueError(refusal)
    form.file.populate_obj(Thing(), "file")
    assert not stream.closed
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def value(content: bytes, at: tuple[int, int] = (0, 0)) -> Any:
    return opened(content).convert("RGBA").getpixel(at)


def thumbnail(folder: Path, name: str, content: bytes) -> bytes:
    found = store(folder, name, content, thumbnail_size=(10, 10, True))
    (thumb,) = (content for name, content in found.items() if "_thumb" in name)
    return thumb


SMALL = {"max_size": (10, 10, False), "thumbnail_size": (5, 5, True)}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0XX*\0\x08\0\0\0\0\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0",
        b"Exif\0\0MM\0*\0\0\0\x08\0\xff",
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
    ],
)
def test_broken_exif_is_no_exif(tmp_path: Path, format: str, exif: bytes) -> None:
    """The picture is stored, smaller, as it lies."""
    content = saved(Image.new("RGB", (40, 20), "red"), format, exif=exif)

    found = store(tmp_path, f"cat.{format.lower().replace('jpeg', 'jpg')}", content, **SMALL)

    assert [opened(content).size for content in found.values()].count((10, 5)) == 1
    assert len(found) == 2


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_colors_are_those_of_the_profile(tmp_path: Path, format: str) -> None:
    """A smaller picture is in sRGB, so that it looks alike without the profile that it leaves."""
    content = saved(
        Image.new("RGB", (40, 40), (200, 30, 30)), format, icc_profile=swapped_profile()
    )

    thumb = thumbnail(tmp_path, f"cat.{'jpg' if format == 'JPEG' else format.lower()}", content)

    red, green, blue, _ = value(thumb)
    assert green > 150 > 60 > max(red, blue)
    assert "icc_profile" not in opened(thumb).info


def swapped_profile() -> bytes:
    """A profile of sRGB whose red and green have changed places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"TEMP").replace(b"gXYZ", b"rXYZ").replace(b"TEMP", b"gXYZ")


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGB"])
def test_a_checkerboard_becomes_gray(tmp_path: Path, mode: str) -> None:
    """Whatever mode it has, black and white are mixed."""
    board = Image.new("L", (40, 40))
    board.putdata([255 * ((x + y) % 2) for y in range(40) for x in range(40)])

    thumb = opened(thumbnail(tmp_path, "board.png", saved(board.convert(mode), "PNG")))

    assert set(thumb.convert("L").tobytes()) <= set(range(110, 145))


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("size", [(40, 30), (800, 600)])
def test_sixteen_bits_of_gray_are_gray(tmp_path: Path, format: str, size: tuple[int, int]) -> None:
    """A value of 30,000 of 65,535 is 116 or 117 of 255."""
    content = saved(Image.new("I;16", size, 30_000), format)

    assert value(thumbnail(tmp_path, f"gray.{format.lower()}", content))[0] in range(114, 119)


def test_floats_are_no_black_picture(tmp_path: Path) -> None:
    """They are spread over what a byte holds."""
    ramp = Image.linear_gradient("L").convert("F").point(lambda pixel: pixel * (1 / 255) + 0)

    thumb = opened(thumbnail(tmp_path, "ramp.tiff", saved(ramp, "TIFF"))).convert("L")

    shades = thumb.tobytes()
    assert min(shades) < 40
    assert max(shades) > 215


@pytest.mark.parametrize("size", [None, (20, 20, False)])
def test_what_is_transparent_becomes_white_in_jpeg(tmp_path: Path, size: Any) -> None:
    """Not black, as its hidden color may be."""
    content = saved(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "TIFF")

    found = store(tmp_path, "clear.tiff", content, max_size=size, thumbnail_size=(10, 10, True))

    assert set(found) == {"clear.jpg", "clear_thumb.jpg"}
    assert {value(content) for content in found.values()} == {(255, 255, 255, 255)}


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_stays_one(tmp_path: Path, format: str) -> None:
    """At its own size, byte for byte, as well as smaller."""
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue", "lime")]
    content = saved(frames[0], format, save_all=True, append_images=frames[1:], duration=200)
    name = f"cat.{format.lower()}"

    found = store(tmp_path / "whole", name, content, thumbnail_size=(10, 10, True))
    smaller = store(tmp_path / "smaller", name, content, max_size=(20, 20, False))

    assert found[name] == content
    for made in (found[f"cat_thumb.{format.lower()}"], smaller[name]):
        image: Any = opened(made)
        assert (image.format, image.n_frames) == (format, 3)
    assert opened(smaller[name]).size == (20, 20)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_whose_format_is_not_kept_is_its_first_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """JPEG holds no more."""
    monkeypatch.setattr(S3ImageUploadField, "keep_image_formats", ())
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue")]
    content = saved(frames[0], format, save_all=True, append_images=frames[1:])

    found = store(tmp_path, f"cat.{format.lower()}", content)

    assert opened(found["cat.jpg"]).format == "JPEG"
    red, green, blue, _ = value(found["cat.jpg"])
    assert red > 240
    assert max(green, blue) < 20


def multi_picture(**options: Any) -> bytes:
    """What phones write: a JPEG with further pictures behind it."""
    image = Image.new("RGB", (40, 30), "teal")
    return saved(image, "MPO", save_all=True, append_images=[image.resize((8, 6))], **options)


def test_a_multi_picture_jpeg_keeps_its_bytes(tmp_path: Path) -> None:
    """It is a JPEG, whose profile and gain map stay where it need not be made smaller."""
    content = multi_picture(quality=97)

    found = store(tmp_path, "cat.jpg", content, max_size=(40, 30, True))

    assert found == {"cat.jpg": content}


def test_a_multi_picture_jpeg_becomes_a_plain_one(tmp_path: Path) -> None:
    """Where it is made smaller."""
    image = opened(store(tmp_path, "cat.jpg", multi_picture(), max_size=(20, 20, False))["cat.jpg"])

    assert (image.format, image.size) == ("JPEG", (20, 15))


@pytest.mark.parametrize("format", ["JPEG", "GIF", "PNG", "WEBP", "TIFF"])
def test_nothing_that_is_made_tells_what_the_picture_told(tmp_path: Path, format: str) -> None:
    """Neither comments nor EXIF."""
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    options: dict[str, Any] = {}
    if format in ("JPEG", "GIF"):
        options["comment"] = b"a secret comment"
    if format != "GIF":
        options["exif"] = exif
    content = picture(format, (40, 40), **options)
    assert b"a secret" in content

    name = f"cat.{'jpg' if format == 'JPEG' else format.lower()}"
    found = store(tmp_path, name, content, **SMALL)

    assert len(found) == 2
    assert not any(b"a secret" in made for made in found.values())


def chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def with_chunk(content: bytes, extra: bytes) -> bytes:
    """A PNG with a further chunk after its header."""
    return content[:33] + extra + content[33:]


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2_000_000))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(2_000_000))),
        chunk(b"tEXt", b"Comment\0x", crc=1),
        chunk(b"tIME", b"\x07\xe4\1\1\1\1\1", crc=2),
        chunk(b"prVt", b"private", crc=3),
        chunk(b"gAMA", b"\0"),
        chunk(b"pHYs", b"\0"),
    ],
    ids=["much text", "much XMP", "text", "time", "private", "gamma", "dots"],
)
def test_what_browsers_ignore_in_a_png_harms_nobody(tmp_path: Path, extra: bytes) -> None:
    """Much text, wrong checksums, and chunks that are too short."""
    content = with_chunk(picture(size=(40, 40)), extra)

    found = store(tmp_path, "cat.png", content, thumbnail_size=(10, 10, True))

    assert found["cat.png"] == content
    assert opened(found["cat_thumb.png"]).size == (10, 10)


def test_a_very_long_picture_is_made_smaller_or_refused(tmp_path: Path) -> None:
    """JPEG has no more than 65,500 pixels a side."""
    content = saved(Image.new("L", (70_000, 2), 90), "TIFF")

    found = store(tmp_path / "small", "long.tiff", content, max_size=(700, 700, False))
    assert opened(found["long.jpg"]).size == (700, 1)

    with pytest.raises(ValueError, match="too long a side; the limit is 65,500 pixels."):
        store(tmp_path / "whole", "long.tiff", content)
    assert not (tmp_path / "whole").exists()


@pytest.mark.parametrize(
    ("size", "force", "made"),
    [
        ((40, 30), True, (20, 20)),
        ((40, 30), False, (20, 15)),
        ((40, 10), True, (20, 20)),
        ((40, 10), False, (20, 5)),
        ((20, 20), True, (20, 20)),
        ((15, 10), True, (15, 10)),
        ((15, 10), False, (15, 10)),
    ],
)
def test_a_size_is_forced_on_larger_pictures_alone(
    tmp_path: Path, size: tuple[int, int], force: bool, made: tuple[int, int]
) -> None:
    """As in Flask-Admin: to just that size, or within it."""
    content = picture(size=size)
    options = {"max_size": (20, 20, force), "thumbnail_size": (20, 20, force)}

    found = store(tmp_path, "cat.png", content, **options)

    assert [opened(each).size for each in found.values()] == [made, made]
    assert (found["cat.png"] == content) == (made == size)


@pytest.mark.parametrize(
    ("name", "format", "stored"),
    [
        ("cat.jfif", "JPEG", "cat.jpg"),
        ("cat.JPEG", "JPEG", "cat.jpg"),
        ("cat.PNG", "PNG", "cat.PNG"),
        ("cat.tif", "TIFF", "cat.jpg"),
        ("cat.gif", "GIF", "cat.gif"),
    ],
)
def test_the_name_fits_what_is_stored(tmp_path: Path, name: str, format: str, stored: str) -> None:
    """What is not kept is a JPEG, and is called so."""
    assert set(store(tmp_path, name, picture(format))) == {stored}


@pytest.mark.parametrize(("format", "stored"), [("PNG", "0123.png"), ("JPEG", "0123.jpg")])
def test_a_name_without_extension_gets_one(tmp_path: Path, format: str, stored: str) -> None:
    """By which it is served as the picture that it is."""
    found = store(
        tmp_path, f"cat.{format.lower()}", picture(format), namegen=lambda obj, file: "0123"
    )

    assert set(found) == {stored}


@pytest.mark.parametrize(
    ("name", "format"), [("cat.bmp", "BMP"), ("cat.jp2", "JPEG2000"), ("cat.ppm", "PPM")]
)
def test_further_formats_by_name(tmp_path: Path, name: str, format: str) -> None:
    """What browsers do not show becomes a JPEG, if a field allows it."""
    content = picture(format)

    with pytest.raises(ValueError, match=r"Invalid file extension. Allowed: \.gif, "):
        store(tmp_path, name, content)
    found = store(tmp_path, name, content, allowed_extensions=[name.rpartition(".")[2]])

    assert opened(found["cat.jpg"]).format == "JPEG"


def test_heic_is_refused_unless_allowed(tmp_path: Path) -> None:
    """Browsers do not show it, so the list of what they do is the answer."""
    with pytest.raises(ValueError, match=r"Invalid file extension. Allowed: \.gif, "):
        store(tmp_path, "IMG_0001.HEIC", HEIC)


# 64x32 pixels, red on the left and blue on the right, by libheif.
HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAACUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "AA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw"
    "AAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFz"
    "wIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAIAAAAAEAAAAAAAAA"
    "Av///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAC1tZGF0AAAAISgBrxmA70mlv//i"
    "hh/5rWv+v7IX//LxJ34ken/W5ENtbw=="
)


def test_heic_becomes_jpeg_where_it_is_allowed(tmp_path: Path) -> None:
    """With the extra heic."""
    found = store(
        tmp_path,
        "IMG_0001.HEIC",
        HEIC,
        allowed_extensions=["heic"],
        thumbnail_size=(10, 10, False),
    )

    assert opened(found["IMG_0001.jpg"]).size == (64, 32)
    assert opened(found["IMG_0001_thumb.jpg"]).size == (10, 5)
    assert value(found["IMG_0001.jpg"], (8, 16))[0] > 200


def with_scans(more: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    content = saved(Image.new("L", (60, 60), 9), "JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + scan * more + content[-2:]


def corpus() -> dict[str, bytes]:
    """Good pictures and bad ones."""
    whole = {format: picture(format, (60, 60), "teal") for format in ("JPEG", "PNG", "GIF", "TIFF")}
    noise = saved(Image.effect_noise((60, 60), 90), "PNG")
    return {
        **{f"whole.{format.lower()}": content for format, content in whole.items()},
        **{
            f"half.{format.lower()}": content[: len(content) // 2]
            for format, content in whole.items()
        },
        "flipped.png": noise[:900] + bytes([noise[900] ^ 255]) + noise[901:],
        "text.png": b"no picture",
        "empty.png": b"",
        "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "scans.jpeg": saved(Image.new("L", (60, 60), 9), "JPEG", progressive=True),
        "many scans.jpeg": with_scans(200),
        "mpo.jpeg": multi_picture(),
        "psd.png": b"8BPS\0\1" + bytes(60),
        "ico.png": picture("ICO", (16, 16)),
        "text chunk.png": with_chunk(whole["PNG"], chunk(b"tEXt", b"x", crc=1)),
    }


@pytest.mark.parametrize("name", corpus())
def test_one_picture_has_one_verdict(tmp_path: Path, name: str) -> None:
    """That of untrusted_files, by itself and in its rules."""
    content = corpus()[name]
    verdicts = []
    for check in (
        check_picture,
        lambda file: Rules(is_picture=True).check(file, name),
        lambda file: store(tmp_path, name.replace(" ", "_"), file.read()),
    ):
        try:
            check(io.BytesIO(content))
            verdicts.append("")
        except (RejectedError, ValueError) as error:
            verdicts.append(str(error))

    assert verdicts == [verdicts[0]] * 3
    assert bool(verdicts[0]) == name.startswith(
        ("half", "flipped", "text.", "empty", "svg", "many", "psd", "ico")
    )
