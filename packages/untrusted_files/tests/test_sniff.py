"""What bytes are, whatever their name says."""

import io
import random
import struct
import zipfile
from collections.abc import Callable

import pytest
import samples as make
from hypothesis import given
from hypothesis import strategies as st
from samples_by_type import BINARY, SAMPLES

from untrusted_files import extensions_of, fits_name, possible_types, sniff_content_type
from untrusted_files._bounded import HEAD_BYTES
from untrusted_files._families import known_types
from untrusted_files._table import EXTENSIONS


def sniff(data: bytes, name: str = "") -> str | None:
    return sniff_content_type(io.BytesIO(data), name)


def header_of_voids(count: int) -> bytes:
    """A header that names the kind of document behind much that says nothing."""
    header = make.element(0xEC, b"") * count + make.element(0x4282, b"webm")
    return make.element(0x1A45DFA3, header) + make.element(0x18538067, b"")


def frames_of_two_rates() -> bytes:
    """What looks like frames in a film of another kind: no sound changes its rate."""
    frames = (b"\xff\xfb\x90\x64".ljust(417, b"\0"), b"\xff\xfb\x94\x64".ljust(384, b"\0"))
    return b"".join(frames * 3)


def old_cpio(order: str) -> bytes:
    """What ``cpio -o`` writes."""
    name = b"name.txt\0"
    numbers = (0o070707, 0, 1, 0o100644, 0, 0, 1, 0, 0, 0, len(name), 0, 6)
    return struct.pack(f"{order}13H", *numbers) + name + b"\0hello\n"


@pytest.mark.parametrize("content_type", BINARY)
def test_type_by_bytes_alone(content_type: str) -> None:
    """Without a name, bytes are what they are."""
    assert sniff(BINARY[content_type]) == content_type


@pytest.mark.parametrize("content_type", SAMPLES)
def test_type_under_its_usual_name(content_type: str) -> None:
    """Each type can be met by a file of its usual name."""
    name = f"a.{extensions_of(content_type)[0]}"
    found = sniff(SAMPLES[content_type], name)
    assert found == content_type or content_type in ("audio/3gpp", "audio/3gpp2")
    assert found
    assert fits_name(found, name)


@pytest.mark.parametrize(
    "content_type", sorted(set(BINARY) - {"text/html", "application/xml", "text/plain"})
)
def test_a_wrong_name_changes_nothing(content_type: str) -> None:
    """Under the name of another kind, bytes are still what they are."""
    other = "a.gif" if content_type != "image/gif" else "a.jpg"
    assert sniff(BINARY[content_type], other) == content_type
    assert not fits_name(content_type, other)


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (make.png(is_animated=True), "a.png", "image/png"),
        (make.png(is_animated=True), "a.apng", "image/png"),
        (make.brands(b"heic", b"mif1", b"heic"), "a.heif", "image/heif"),
        (make.brands(b"heix", b"mif1", b"heix"), "a.heic", "image/heic"),
        (make.brands(b"heim", b"mif1"), "a.heic", "image/heic"),
        (make.brands(b"heis", b"mif1"), "a.heic", "image/heic"),
        (make.brands(b"hevx", b"msf1"), "a.heics", "image/heic-sequence"),
        (make.brands(b"mif1", b"miaf", b"heix"), "", "image/heic"),
        (make.brands(b"msf1", b"msf1", b"hevc"), "", "image/heic-sequence"),
        (make.brands(b"msf1", b"msf1", b"hevc"), "a.heic", "image/heic"),
        (make.brands(b"mif1", b"miaf", b"avif"), "a.avif", "image/avif"),
        (make.brands(b"avis", b"msf1", b"avif"), "a.avif", "image/avif"),
        (make.brands(b"mp42", b"isom", b"mp42"), "memo.m4a", "audio/mp4"),
        (make.brands(b"mp42", b"isom", b"mp42"), "film.mp4", "video/mp4"),
        (make.iso_media(b"mp42", b"isom", tracks=(b"soun",)), "memo.m4a", "audio/mp4"),
        (make.iso_media(b"isom", b"mp42", tracks=(b"soun",)), "memo.mp4", "audio/mp4"),
        (make.iso_media(b"mp42", b"isom", tracks=(b"soun",), padding=70_000), "", "audio/mp4"),
        (make.iso_media(b"mp42", b"isom"), "memo.m4a", "video/mp4"),
        (make.iso_media(b"M4B ", b"isom", tracks=(b"soun", b"vide")), "book.m4b", "audio/mp4"),
        (make.brands(b"M4V ", b"mp42"), "film.m4v", "video/x-m4v"),
        (make.brands(b"mp42", b"isom"), "film.m4v", "video/x-m4v"),
        (make.brands(b"3gp4", b"isom"), "film.3gp", "video/3gpp"),
        (make.iso_media(b"3gp5", tracks=(b"soun",)), "voice.3gp", "audio/3gpp"),
        (make.brands(b"iso5", b"dash"), "film.mp4", "video/mp4"),
        (make.brands(b"iso9", b"cmfc"), "film.mp4", "video/mp4"),
        (make.brands(b"isom", b"iso2"), "film.mov", "video/quicktime"),
        (make.iso_media(b"qt  "), "film.mp4", "video/quicktime"),
        (make.iso_media(b"qt  ", b"mp42"), "film.mp4", "video/mp4"),
        (
            make.box(b"wide") + make.box(b"mdat", bytes(8)) + make.box(b"moov"),
            "",
            "video/quicktime",
        ),
        (make.brands(b"MA1B", b"mif1", b"avif"), "a.avif", "image/avif"),
        (make.brands(b"unif", b"mif1", b"heic"), "a.heic", "image/heic"),
        (make.brands(b"j2ki", b"mif1"), "a.mp4", "image/heif"),
        (make.brands(b"isom", b"mif1", b"avif"), "a.mp4", "video/mp4"),
        (make.brands(b"XAVC", b"XAVC", b"mp42"), "a.mp4", "video/mp4"),
        (make.brands(b"3gp4", b"mif1"), "a.3gp", "video/3gpp"),
        (header_of_voids(300), "a.webm", "video/webm"),
        (make.matroska(b"webm", 2), "voice.webm", "audio/webm"),
        (make.matroska(b"webm", 1, 2, is_live=True), "live.webm", "video/webm"),
        (make.matroska(b"webm"), "a.weba", "audio/webm"),
        (make.matroska(b"matroska", 2), "a.mka", "audio/matroska"),
        (make.matroska(b"webm", 1), "a.mkv", "video/matroska"),
        (make.matroska(b"matroska", 1), "a.webm", "video/matroska"),
        (make.ogg(b"fishead\0" + bytes(56), b"\x80theora", b"\x01vorbis"), "a.ogv", "video/ogg"),
        (make.ogg(b"\x01vorbis" + bytes(23)), "a.ogg", "audio/ogg"),
        (make.ogg(b"\x01vorbis" + bytes(23)), "a.ogv", "audio/ogg"),
        (make.ogg(b"OpusHead" + bytes(11)), "a.opus", "audio/ogg"),
        (make.ogg(b"\x01vorbis"), "a.ogx", "application/ogg"),
        (make.mp3(tag_bytes=None), "a.mp3", "audio/mpeg"),
        (make.mp3(tag_bytes=200_000), "a.mp3", "audio/mpeg"),
        (make.mp3(tag_bytes=None, frames=1), "a.mp3", "audio/mpeg"),
        (bytes(100) + make.mp3(tag_bytes=None), "a.mp3", "audio/mpeg"),
        (bytes(100) + make.mp3(tag_bytes=None), "a.png", None),
        (bytes(100) + frames_of_two_rates(), "a.mp3", None),
        (frames_of_two_rates(), "", None),
        (b"\n" + BINARY["application/pdf"], "a.pdf", "application/pdf"),
        (b"\xef\xbb\xbf" + BINARY["application/pdf"], "a.pdf", "application/pdf"),
        (bytes(1000) + BINARY["application/pdf"], "a.pdf", "application/pdf"),
        (bytes(1020) + BINARY["application/pdf"], "a.pdf", None),
        (b"<html>" + BINARY["application/pdf"], "a.pdf", "text/html"),
        (make.riff(b"WAVE", b"RF64"), "a.wav", "audio/wav"),
        (make.riff(b"WAVE", b"RIFX"), "a.wav", "audio/wav"),
        (make.riff(b"AIFC", b"FORM"), "a.aif", "audio/x-aiff"),
        (old_cpio("<"), "a.cpio", "application/x-cpio"),
        (old_cpio(">"), "a.cpio", "application/x-cpio"),
        (old_cpio("<")[:28], "a.cpio", None),
        (make.icon(2), "a.cur", "image/vnd.microsoft.icon"),
        (b"\x01\0\x09\0\0\x03" + bytes(40), "a.wmf", "image/wmf"),
        (b"\x04%!PS-Adobe-3.0\n", "a.ps", "application/postscript"),
        (b"\x09\x08\x10\0\0\x06\x05\0" + bytes(40), "a.xls", "application/vnd.ms-excel"),
        (make.tiff(make=b"NIKON CORPORATION"), "a.tif", "image/tiff"),
        (make.tiff(magic=b"II+\0"), "a.tif", "image/tiff"),
        (b"\xff\x0a\x41\x42", "a.jxl", "image/jxl"),
        (b"BZh91AY&SY" + bytes(20), "a.bz2", "application/x-bzip2"),
        (b"ssh-ed25519 AAAAC3Nza me@home\n", "id_ed25519.pub", "text/plain"),
        (make.ole("Quill"), "leaflet.pub", "application/x-mspublisher"),
    ],
)
def test_names_decide_only_what_bytes_leave_open(
    data: bytes, name: str, content_type: str | None
) -> None:
    """Brands, tracks and codecs count first, then the name among the types of the family."""
    assert sniff(data, name) == content_type


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"BMW is a maker of cars.", "a.bmp"),
        (b"MZ is a title.", "a.exe"),
        (b"P1 is the first.", "a.pbm"),
        (b"GIF8 is no picture.", "a.gif"),
        (b"BZhello", "a.bz2"),
        (b"G" * 400, "a.foo"),
    ],
)
def test_text_is_not_taken_for_more(data: bytes, name: str) -> None:
    """Text that begins like a short signature is text."""
    assert sniff(data, name) == sniff(data) == "text/plain"


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\x01\x02", b"\xff\xd8", bytes(5000), b"\x89PNG"])
def test_unknown_bytes_have_no_type(data: bytes) -> None:
    """What nobody knows has no type."""
    assert sniff(data) is None
    assert sniff(data, "a.png") is None


class Counted(io.BytesIO):
    """A stream that counts what is read, and hands out little at once, as raw streams may."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(min(size, 1000) if size and size > 0 else size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("content_type", BINARY)
def test_stream_is_left_at_its_start(content_type: str) -> None:
    """The stream stays open, at its start, and may hand out its bytes in pieces."""
    stream = Counted(BINARY[content_type] + bytes(2000))
    stream.seek(7)
    possible_types(stream, "a.bin")
    assert not stream.closed
    assert stream.tell() == 0


def deep_boxes() -> bytes:
    boxes = b""
    while len(boxes) < 2_000:
        boxes = make.box(b"moov", make.box(b"trak", boxes))
    return make.brands(b"isom")[:-64] + boxes * 500


def fat_that_names_itself() -> bytes:
    data = bytearray(make.ole("x") + bytes(2_000_000))
    data[512:1024] = (1).to_bytes(4, "little") * 128
    return bytes(data)


def tree_with_a_loop() -> bytes:
    data = bytearray(make.ole("x", "y", "z"))
    place = 1024 + 3 * 128 + 72
    data[place : place + 4] = (1).to_bytes(4, "little")
    return bytes(data)


def tracks_without_end() -> bytes:
    tracks = make.element(0x1654AE6B, b"\xae\x80" * 500_000)
    header = make.element(0x1A45DFA3, make.element(0x4282, b"webm"))
    return header + make.element(0x18538067, tracks)


def zip64_of_nothing() -> bytes:
    record = b"PK\x06\x06" + b"\xff" * 52 + b"PK\x06\x07" + bytes(16)
    return b"PK\x03\x04" + record + b"PK\x05\x06" + b"\xff" * 16 + bytes(2)


def packed_bomb() -> bytes:
    return make.zipped({"[Content_Types].xml": b"<" * 30_000_000, "mimetype": bytes(30_000_000)})


HOSTILE: dict[str, Callable[[], bytes]] = {
    "boxes without end": lambda: make.brands(b"isom")[:-64] + make.box(b"free") * 400_000,
    "deep boxes": deep_boxes,
    "elements without end": lambda: BINARY["video/webm"][:40] + b"\xec\x80" * 500_000,
    "tracks without end": tracks_without_end,
    "a FAT that names itself": fat_that_names_itself,
    "a tree with a loop": tree_with_a_loop,
    "pages without end": lambda: (b"OggS\0\x02" + bytes(20) + b"\0") * 100_000,
    "a large TIFF directory": lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(800_000),
    "a tag without end": lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(3_000_000),
    "comments": lambda: b"<!---->" * 500_000,
    "one comment": lambda: b"<!--" * 500_000,
    "instructions": lambda: b"<?x?>" * 500_000,
    "blanks": lambda: b" " * 5_000_000,
    "a zip that ends often": lambda: b"PK\x03\x04" + b"PK\x05\x06" * 500_000,
    "a zip64 of nothing": zip64_of_nothing,
    "a packed bomb": packed_bomb,
    "many frames": lambda: b"\xff\xfb\x90\x64" * 500_000,
    "many streams": lambda: make.asf(*[bytes(16)] * 40_000),
    "many lines": lambda: b"P6 " + b"#\n" * 500_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_read_within_bounds(what: str) -> None:
    """However a file is made, at most 4 MB and what is read of its head are read."""
    stream = Counted(HOSTILE[what]())
    for name in ("", "a.mp3", "a.docx"):
        stream.taken = 0
        assert set(possible_types(stream, name)) <= known_types() | {"application/x-ole-storage"}
        assert stream.taken <= 4 * 1024 * 1024 + HEAD_BYTES
        assert stream.tell() == 0


NAMES = st.sampled_from([f"a.{names.split()[0]}" for names in EXTENSIONS.values()] + ["", "a"])


@given(st.binary(max_size=2000), NAMES)
def test_any_bytes_have_a_known_type_or_none(data: bytes, name: str) -> None:
    """No bytes raise anything, and what is found is a known type."""
    stream = io.BytesIO(data)
    assert set(possible_types(stream, name)) <= known_types() | {"application/x-ole-storage"}
    assert stream.tell() == 0


@given(st.sampled_from(sorted(BINARY)), NAMES, st.integers(0, 2**32), st.integers(1, 40))
def test_damaged_files_raise_nothing(content_type: str, name: str, seed: int, changes: int) -> None:
    """Nor do files that were damaged: bytes changed, cut out, put in, or cut off."""
    chance = random.Random(seed)
    data = bytearray(BINARY[content_type][:4000])
    for _ in range(changes):
        place = chance.randrange(len(data) + 1)
        what = chance.randrange(4)
        if what == 0 and place < len(data):
            data[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif what == 1:
            data[place:place] = chance.randbytes(chance.randrange(9))
        elif what == 2:
            del data[place : place + chance.randrange(9)]
        elif chance.random() < 0.1:
            del data[place:]
    stream = io.BytesIO(bytes(data))
    possible_types(stream, name)
    assert stream.tell() == 0


def test_encrypted_zip_is_still_a_zip() -> None:
    """What is in an encrypted zip cannot be read; it is a zip."""
    data = bytearray(
        make.zipped({"mimetype": "application/epub+zip"}, compression=zipfile.ZIP_STORED)
    )
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    assert sniff(bytes(data), "a.epub") == "application/zip"
