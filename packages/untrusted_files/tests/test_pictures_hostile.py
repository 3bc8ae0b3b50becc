"""Small files that ask for much. What each takes is measured by benchmarks/bench_pictures.py; here
each gets its verdict in a process that is held to an amount of memory and time.
"""

import json
import resource
import subprocess
import sys
from io import BytesIO

import pytest
from hostile_pictures import HEAVY, HOSTILE, avif_that_lies, gif_of_frames, jpeg_of_scans

from untrusted_files.pictures import (
    BrokenPictureError,
    Limits,
    PictureError,
    PictureTooLargeError,
    Resize,
    check_picture,
    read_info,
    render,
)

_ADDRESSES = 1_500_000_000  # bytes, of which libraries and the stacks of threads take a good part
_SECONDS = 60  # of processor time, for all files
_MADE = "made"


def _verdict(data: bytes) -> list[str]:
    """Return what checking and rendering end with: the field of the limit, or the reason."""
    ends = []
    for call in (
        check_picture,
        lambda file: render(file, Resize(width=200, height=200), "jpeg"),
        lambda file: render(file, Resize(width=100, height=100, crop=True), "gif"),
    ):
        try:
            call(BytesIO(data))
            ends.append(_MADE)
        except PictureTooLargeError as error:
            ends.append(error.limit)
        except PictureError as error:
            ends.append(error.reason)
    return ends


def main() -> None:
    """Print all verdicts, as the process that is held to its limits."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    for name in HOSTILE:
        if name not in HEAVY:
            print(json.dumps([name, _verdict(HOSTILE[name]())]), flush=True)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, list[str]]:
    work = f"import sys; sys.path = {sys.path!r}; import test_pictures_hostile as t; t.main()"
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in HEAVY])
def test_a_hostile_file_gets_one_verdict_from_every_call(
    name: str, verdicts: dict[str, list[str]]
) -> None:
    """A hostile file gets one verdict, whatever is asked for, and no memory runs out."""
    found = set(verdicts[name])
    assert len(found) == 1
    assert not any("memory" in one.lower() for one in found)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("PNG of 900,000 empty chunks", "max_header_bytes"),
        ("PNG of 900,000 empty chunks behind", _MADE),
        ("PNG, 10 profiles of 100 MB", _MADE),
        ("PNG, 100 texts of 10 MB", _MADE),
        ("APNG that claims 4 billion frames", _MADE),
        ("JPEG of 2.5 million segments", "max_header_bytes"),
        ("JPEG of 10 MB of FF", "max_header_bytes"),
        ("JPEG of 10 MB of tables", "max_header_bytes"),
        ("JPEG of 2 million tables in its scan", "max_scans"),
        ("JPEG of 7,000x7,000 and 200 scans more", "max_scan_pixels"),
        ("JPEG of 65,500x65,500", "max_pixels"),
        ("GIF of 700 frames", _MADE),
        ("GIF of 400,000 frames", _MADE),
        ("GIF of 65,535x65,535", "max_decoded_pixels"),
        ("WebP of 16,383x16,383", "max_decoded_pixels"),
        ("AVIF of 5,000x5,000 that claims 16x16", "max_decoded_pixels"),
        ("AVIF of 1 million boxes", "max_header_bytes"),
        ("TIFF of tiles of 60,000x60,000", "max_decoded_pixels"),
        ("BMP of 9 million runs", "max_decoded_pixels"),
        ("PPM of 5,000x5,000 numbers", "max_decoded_pixels"),
        ("JPEG 2000 of 250,000 tiles", "max_decoded_pixels"),
    ],
)
def test_a_refusal_names_the_limit_that_applies(
    name: str, limit: str, verdicts: dict[str, list[str]]
) -> None:
    """What is refused names the limit that counts; what harms nobody is made."""
    assert verdicts[name] == [limit] * 3


def test_many_frames_are_limited_by_the_size_of_the_result() -> None:
    """A GIF of 700 frames of one pixel is a still where it would become 2000x2000 (it took 8 GB),
    and an animation where it would not.
    """
    file = BytesIO(gif_of_frames(700))
    assert read_info(file).frames == 700
    large = render(file, Resize(width=2000, height=2000, crop=True), "gif")
    assert len(large.data) < 100_000
    assert read_info(BytesIO(large.data)).frames == 1
    small = render(file, Resize(width=2, height=2, crop=True), "gif")
    assert read_info(BytesIO(small.data)).frames > 1


def test_scans_of_a_jpeg_are_counted_before_decoding() -> None:
    """The scans of a JPEG are counted before it is decoded: up to the limit it is made."""
    file = BytesIO(jpeg_of_scans(64, 10))
    scans = file.getvalue().count(b"\xff\xda")
    assert check_picture(file, limits=Limits(max_scans=scans)).width == 64
    with pytest.raises(PictureTooLargeError) as found:
        check_picture(file, limits=Limits(max_scans=scans - 1))
    assert (found.value.limit, found.value.value) == ("max_scans", scans)
    with pytest.raises(PictureTooLargeError) as found:
        check_picture(file, limits=Limits(max_scan_pixels=scans * 64 * 64 - 1))
    assert found.value.limit == "max_scan_pixels"
    assert read_info(file, limits=Limits(max_scans=1)).width == 64


def test_markers_behind_the_end() -> None:
    """What stands behind the end of a JPEG does not count, as the second picture of an MPO."""
    jpeg = jpeg_of_scans(64, 0)
    limits = Limits(max_scans=jpeg.count(b"\xff\xda"))
    assert check_picture(BytesIO(jpeg * 20), limits=limits).width == 64


def test_the_size_in_the_stream_of_an_avif_counts() -> None:
    """The size that an AVIF's stream announces is read, of stills and of animations."""
    small = Limits(max_decoded_pixels=64 * 64 - 1)
    for limits, taken in ((small, False), (Limits(max_decoded_pixels=64 * 64), True)):
        try:
            read_info(BytesIO(avif_that_lies(64)), limits=limits)
            assert taken
        except PictureTooLargeError:
            assert not taken


def test_header_is_read_in_bounds() -> None:
    """Of a header no more bytes are read than are allowed."""

    class Counting(BytesIO):
        count = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.count += len(data)
            return data

    for name in ("PNG of 900,000 empty chunks", "JPEG of 10 MB of FF", "PPM of 10 MB of comments"):
        file = Counting(HOSTILE[name]())
        with pytest.raises((PictureTooLargeError, BrokenPictureError)):
            read_info(file, limits=Limits(max_header_bytes=200_000))
        assert file.count < 400_000
