"""Animations keep their frames where the output can hold them."""

from io import BytesIO
from typing import Any

import pytest
from picture_samples import MOVING, animation, saved
from PIL import Image

from untrusted_files.pictures import Limits, PictureInfo, Rendered, Resize, read_info, render

SMALL = Resize(width=20, height=20)
COLORS = ("red", "lime", "blue")


def frames(made: Rendered) -> list[tuple[Image.Image, int]]:
    """Return the frames, and their times in milliseconds."""
    image: Any = Image.open(BytesIO(made.data))
    found = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        found.append((image.convert("RGBA"), round(image.info.get("duration", 0))))
    return found


def is_near(image: Image.Image, xy: tuple[int, int], color: str) -> bool:
    pixel = image.convert("RGB").getpixel(xy)
    wanted = Image.new("RGB", (1, 1), color).getpixel((0, 0))
    return all(abs(a - b) < 40 for a, b in zip(pixel, wanted, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("output", ["gif", "webp", "avif", "png"])
@pytest.mark.parametrize("source", MOVING)
def test_an_animation_keeps_frames_times_and_loop(source: str, output: str) -> None:
    """Frames, their times and the loop are kept."""
    file = animation(source, **({} if source == "AVIF" else {"loop": 0}))
    assert read_info(file) == PictureInfo(source, 40, 30, 3)
    made = render(file, SMALL, output)
    assert (made.width, made.height) == (20, 15)
    found = frames(made)
    assert [time for _, time in found] == [100, 200, 300]
    assert all(
        is_near(frame, (10, 7), color) for (frame, _), color in zip(found, COLORS, strict=True)
    )
    if output != "avif":
        assert Image.open(BytesIO(made.data)).info["loop"] == 0


@pytest.mark.parametrize("output", ["gif", "webp", "avif", "png"])
@pytest.mark.parametrize("source", MOVING)
def test_animation_of_its_own_size(source: str, output: str) -> None:
    """An animation that is not resized keeps its frames too."""
    found = frames(render(animation(source), Resize(), output))
    assert [time for _, time in found] == [100, 200, 300]
    assert all(
        is_near(frame, (20, 15), color) for (frame, _), color in zip(found, COLORS, strict=True)
    )


@pytest.mark.parametrize("source", MOVING)
def test_an_animation_becomes_its_first_frame_in_a_still_format(source: str) -> None:
    """Where the output cannot move, the first frame is taken."""
    found = frames(render(animation(source), SMALL, "jpeg"))
    assert len(found) == 1
    assert is_near(found[0][0], (10, 7), "red")


def test_a_gif_that_plays_once_plays_once_in_every_output() -> None:
    """A GIF that plays once goes on playing once, as a GIF and as WebP."""
    assert "loop" not in Image.open(BytesIO(render(animation("GIF"), SMALL, "gif").data)).info
    assert Image.open(BytesIO(render(animation("GIF"), SMALL, "webp").data)).info["loop"] == 1


def test_default_image_of_png() -> None:
    """The still of an animated PNG that is none of its frames is shown where nothing moves, and
    only there.
    """
    images = [Image.new("RGB", (40, 30), color) for color in ("yellow", *COLORS)]
    file = saved(
        images[0], "PNG", save_all=True, append_images=images[1:], default_image=True,
        duration=[100, 200, 300],
    )  # fmt: skip
    moving = frames(render(file, SMALL, "webp"))
    assert all(
        is_near(frame, (10, 7), color) for (frame, _), color in zip(moving, COLORS, strict=True)
    )
    assert is_near(frames(render(file, SMALL, "jpeg"))[0][0], (10, 7), "yellow")


@pytest.mark.parametrize("output", ["gif", "webp", "png"])
def test_transparent_frames_do_not_show_earlier_ones(output: str) -> None:
    """Transparent frames don't show those before them."""
    images = [Image.new("RGBA", (40, 30), (255, 0, 0, 0)) for _ in range(2)]
    images[0].paste("red", (0, 0, 20, 30))
    images[1].paste("blue", (20, 0, 40, 30))
    for source in ("GIF", "PNG"):
        options = {"disposal": 2} if source == "GIF" else {}
        found = frames(render(animation(source, *images, **options), SMALL, output))
        second = found[1][0]
        assert second.getpixel((3, 7))[3] == 0  # type: ignore[index]
        assert is_near(second, (16, 7), "blue")


def test_alpha_flag_of_webp() -> None:
    """An animated WebP says that it is transparent if any frame is, also where the first is not
    (libwebp does not; RFC 9649, section 2.7.1.1).
    """
    solid, clear = Image.new("RGBA", (40, 30), "red"), Image.new("RGBA", (40, 30), (0, 0, 255, 0))
    for first, second, expected in (
        (solid, clear, 0x10),
        (clear, solid, 0x10),
        (solid, Image.new("RGBA", (40, 30), "blue"), 0),
    ):
        data = render(animation("PNG", first, second), SMALL, "webp").data
        assert data[12:16] == b"VP8X"
        assert data[20] & 0x10 == expected
        assert len(frames(Rendered(data, 20, 15, "webp"))) == 2


@pytest.mark.parametrize(
    ("limits", "resize"),
    [
        (Limits(max_frames=2), SMALL),
        (Limits(max_frame_pixels=3 * 20 * 15 - 1), SMALL),
        (Limits(max_pixels=3 * 40 * 30 - 1), SMALL),
        (Limits(max_decoded_pixels=2 * 40 * 30 - 1), SMALL),
        (Limits(), Resize(width=2000, height=2000, crop=True)),
    ],
    ids=["frames", "pixels of frames", "pixels", "decoded pixels", "pixels of large frames"],
)
@pytest.mark.parametrize("source", MOVING)
def test_an_animation_over_a_limit_becomes_its_first_frame(
    source: str, limits: Limits, resize: Resize
) -> None:
    """An animation that goes over a limit is rendered as its first frame."""
    found = frames(render(animation(source), resize, "webp", limits=limits))
    assert len(found) == 1
    assert is_near(found[0][0], (10, 7), "red")


@pytest.mark.parametrize("source", MOVING)
def test_an_animation_at_its_limits_keeps_its_frames(source: str) -> None:
    """Neither limit is lower than it says."""
    limits = Limits(
        max_frames=3,
        max_pixels=3 * 40 * 30,
        max_decoded_pixels=2 * 40 * 30,
        max_frame_pixels=3 * 20 * 15,
    )
    assert len(frames(render(animation(source), SMALL, "webp", limits=limits))) == 3


@pytest.mark.parametrize("source", ["GIF", "WEBP"])
def test_frames_are_not_counted_to_the_end(source: str) -> None:
    """Of an animation with too many frames it is known that it has more than are allowed."""
    assert read_info(animation(source), limits=Limits(max_frames=1)).frames == 2


def test_times_and_loops_are_cut_to_what_the_format_holds() -> None:
    """Times of frames and numbers of loops that a format cannot hold become what it can."""
    webp = animation("WEBP", duration=[10**6, 100, 10**7], loop=0)
    for output in ("gif", "webp", "avif", "png"):
        found = frames(render(webp, SMALL, output))
        assert [time for _, time in found][1] == 100
        assert found[0][1] >= 65_530
