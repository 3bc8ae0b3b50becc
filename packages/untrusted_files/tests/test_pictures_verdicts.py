"""Which pictures are accepted, and the messages for the others."""

import struct
import zlib
from io import BytesIO

import pytest
from picture_samples import (
    FORMATS,
    animation,
    chunk,
    exif,
    noise,
    png,
    saved,
    segment,
    tiff,
    two_colors,
    with_chunks,
    with_segments,
)
from PIL import Image

from untrusted_files.pictures import (
    BrokenPictureError,
    PictureError,
    PictureInfo,
    Resize,
    check_picture,
    fit,
    open_picture,
    read_info,
    render,
)

SMALL = Resize(width=20, height=20)


def verdicts(data: bytes) -> set[bool]:
    """Return whether a picture is taken, by all that decode."""
    taken = set()
    for call in (
        check_picture,
        lambda file: render(file, SMALL, "jpeg"),
        lambda file: render(file, Resize(), "png"),
        lambda file: fit(file, SMALL),
        lambda file: fit(file, Resize()),
    ):
        try:
            call(BytesIO(data))
            taken.add(True)
        except PictureError:
            taken.add(False)
    return taken


@pytest.mark.parametrize("format", [*FORMATS, "MPO"])
def test_pictures_of_all_formats_are_measured_and_accepted(format: str) -> None:
    """Pictures of all formats are measured and taken; the stream stays open, at its start."""
    file = saved(two_colors(), format)
    file.seek(7)
    name = "JPEG" if format == "MPO" else format
    assert read_info(file) == PictureInfo(name, 80, 60, 1)
    assert file.tell() == 0
    assert check_picture(file) == PictureInfo(name, 80, 60, 1)
    assert file.tell() == 0
    with open_picture(file) as picture:
        picture.render(SMALL, "jpeg")
        assert file.tell() == 0
    assert not file.closed


@pytest.mark.parametrize("format", FORMATS)
def test_a_truncated_picture_is_refused_wherever_it_ends(format: str) -> None:
    """A truncated file is refused, wherever it ends; its stream is left open, at its start."""
    data = saved(noise(), format).getvalue()
    for part in (10, 40, len(data) // 2, len(data) - 40):
        file = BytesIO(data[:part])
        with pytest.raises(BrokenPictureError):
            check_picture(file)
        assert file.tell() == 0
        assert not file.closed
        assert verdicts(data[:part]) == {False}


@pytest.mark.parametrize("kind", [{}, {"compress_level": 0}])
def test_flipped_byte_of_png(kind: dict[str, int]) -> None:
    """A PNG with a wrong byte in its pixels is refused, and not shown in part (65 of a corpus)."""
    data = saved(noise(), "PNG", **kind).getvalue()
    start, end = data.index(b"IDAT") + 4, data.rindex(b"IEND") - 8
    for place in range(start, end, (end - start) // 12):
        flipped = bytearray(data)
        flipped[place] ^= 1
        assert verdicts(bytes(flipped)) == {False}


@pytest.mark.parametrize(
    "bad",
    [
        chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(2_000_000))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(2_000_000))),
        chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(6_000_000))),
        chunk(b"iCCP", b"no profile"),
        chunk(b"gAMA", b"\0"),
        chunk(b"pHYs", b"\0"),
        chunk(b"acTL", b"\0"),
        chunk(b"fcTL", b"\0"),
        chunk(b"tEXt", b"a\0b", crc=1),
        chunk(b"tIME", b"1234567", crc=1),
        chunk(b"tRNS", bytes(6), crc=1),
        chunk(b"abCd", b"?", crc=1),
        chunk(b"eXIf", b"broken"),
    ],
    ids=lambda value: f"{value[4:8].decode()}-{len(value)}",
)
def test_damaged_optional_chunks_of_a_png_do_no_harm(bad: bytes) -> None:
    """A PNG's chunks that browsers can do without harm nobody, before and behind its pixels."""
    data = saved(two_colors(), "PNG").getvalue()
    for file in (
        with_chunks(data, bad),
        with_chunks(data, bad, bad),
        with_chunks(data, after=(bad,)),
    ):
        assert verdicts(file) == {True}
        made = Image.open(BytesIO(render(BytesIO(file), Resize(), "png").data)).convert("RGBA")
        assert made.getpixel((10, 10)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    "bad", [chunk(b"PLTE", b"abc", crc=1), chunk(b"ABCD"), chunk(b"ab1d")], ids=repr
)
def test_a_damaged_critical_chunk_of_a_png_is_refused(bad: bytes) -> None:
    """A PNG with a damaged or unknown chunk that decoders must understand is refused."""
    assert verdicts(with_chunks(saved(two_colors(), "PNG").getvalue(), bad)) == {False}


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        exif(magic=b"XX*\0"),
        exif(magic=b"II+\0"),
        exif()[:14],
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff",
    ],
    ids=repr,
)
def test_broken_exif_is_ignored(block: bytes) -> None:
    """Broken EXIF is the same as none."""
    jpeg = saved(two_colors(), "JPEG").getvalue()
    assert verdicts(with_segments(jpeg, segment(0xE1, b"Exif\0\0" + block))) == {True}
    for format in ("PNG", "WEBP", "AVIF"):
        if format == "AVIF" and block:
            continue  # Pillow does not write it: see below
        data = saved(two_colors(), format, exif=block).getvalue()
        assert verdicts(data) == {True}
        assert read_info(BytesIO(data)).width == 80


def test_broken_exif_of_avif() -> None:
    """An AVIF whose EXIF Pillow cannot read is shown."""
    block = Image.Exif()
    block[0x013B] = "somebody"
    data = saved(two_colors(), "AVIF", exif=block).getvalue()
    broken = data.replace(block.tobytes()[6:14], b"XX*\0\x08\0\0\0")
    assert broken != data
    assert verdicts(broken) == {True}


def test_an_animation_with_broken_later_frames_becomes_its_first() -> None:
    """Of an animation whose later frames are damaged, or outside of it, the first is taken."""
    for format in ("GIF", "WEBP", "PNG"):
        data = bytearray(animation(format, *(noise((90, 90)) for _ in range(3))).getvalue())
        if format == "GIF":
            del data[-100:]  # its pixels have no checksum, and any bytes are some
        elif format == "WEBP":
            frame = data.rindex(b"VP8 ") + 8
            data[frame : frame + 10] = bytes(10)
        else:
            data[-1000:-100] = bytes(900)
        for output in ("gif", "png", "webp", "jpeg"):
            made = Image.open(BytesIO(render(BytesIO(data), SMALL, output).data))
            assert getattr(made, "n_frames", 1) == 1
            assert made.size == (20, 20)
    gif = animation("GIF").getvalue()
    second = gif.index(b"\x2c", gif.index(b"\x2c") + 20)
    wide = gif[: second + 1] + struct.pack("<HHHH", 60000, 60000, 40, 30) + gif[second + 9 :]
    assert read_info(BytesIO(wide)) == PictureInfo("GIF", 40, 30, 1)
    assert verdicts(wide) == {True}


def test_tiffs_that_pillow_reads_wrongly_are_refused() -> None:
    """TIFFs that Pillow reads wrongly in silence are refused: 16 bits, or gray and alpha, in
    planes.
    """
    sixteen = {
        256: (4, [4]), 257: (4, [4]), 258: (3, [16] * 3), 259: (3, [1]), 262: (3, [2]),
        273: (4, [8, 40, 72]), 277: (3, [3]), 278: (4, [4]), 279: (4, [32] * 3), 284: (3, [2]),
    }  # fmt: skip
    assert verdicts(tiff(sixteen, bytes(96)).getvalue()) == {False}
    gray = sixteen | {
        258: (3, [8, 8]), 262: (3, [1]), 273: (4, [8, 24]), 277: (3, [2]), 279: (4, [16] * 2),
        338: (3, [1]),
    }  # fmt: skip
    assert verdicts(tiff(gray, bytes(96)).getvalue()) == {False}
    eight = sixteen | {258: (3, [8] * 3), 273: (4, [8, 24, 40]), 279: (4, [16] * 3)}
    assert verdicts(tiff(eight, bytes(96)).getvalue()) == {True}


def test_a_picture_with_two_sizes_is_refused() -> None:
    """A picture that says two sizes is refused."""
    file = bytearray(saved(two_colors(), "JPEG2000").getvalue())
    start = file.index(b"ihdr") + 4
    file[start : start + 4] = struct.pack(">I", 50)
    assert verdicts(bytes(file)) == {False}


def test_a_png_made_of_rows_is_read() -> None:
    """A PNG that is put together by hand is a PNG."""
    assert verdicts(png([bytes([255, 0, 0]) * 4] * 2, 4).getvalue()) == {True}


def test_a_picture_without_pixels_is_refused() -> None:
    """A picture of no pixels is refused by all, whatever its format."""
    flat = {256: (4, [0]), 257: (4, [4]), 258: (3, [8]), 262: (3, [1]), 273: (4, [8]),
            278: (4, [4]), 279: (4, [16])}  # fmt: skip
    for file in (
        tiff(flat, bytes(16)).getvalue(),
        b"P6\n0 5 255\n",
        b"BM" + bytes(24),
        png([], 0).getvalue(),
    ):
        assert verdicts(file) == {False}


def test_an_animation_with_a_broken_first_frame_is_refused() -> None:
    """An animation whose first frame is damaged is refused by all, although others are sound."""
    file = bytearray(animation("GIF", *(noise((90, 90)) for _ in range(3))).getvalue())
    first = file.index(b"\x2c")
    file[first + 11 : first + 200] = b"\1\xff" + bytes(187)
    assert len(verdicts(bytes(file))) == 1
