"""Animations: rendered with all frames if these stay within the limits."""

from ._decode import frames, read_profile
from ._encode import MOVING_OUTPUTS, Rendered, encode_animation
from ._limits import Limits
from ._pillow import Image
from ._render import Work, make
from ._source import Source
from ._structure import Structure

_CANVASES = 2  # of a frame's size, that decoders of animations keep besides what a still takes
_MOST_LOOPS = 65_535  # what all formats can say


def render_animation(
    source: Source,
    structure: Structure,
    work: Work,
    format: str,
    quality: int | None,
    limits: Limits,
) -> Rendered | None:
    """Render an animation; return ``None`` where only the first frame is to be rendered."""
    if not structure.animation or format not in MOVING_OUTPUTS:
        return None
    if not _is_allowed(structure, work, limits):
        return None
    made: list[Image.Image] = []
    durations: list[int] = []
    loop: int | None = None
    profile: bytes | None = None
    try:
        for frame, duration in frames(source, structure):
            if not made:
                loop = _loop(frame, structure.format, format)
                profile = read_profile(structure, frame)
            image = make(frame, structure, work, profile)
            # An unchanged frame belongs to the decoder, which reuses it for the next one.
            made.append(image.copy() if image is frame else image)
            durations.append(duration)
    except Exception:
        if source.failure:
            raise
        return None  # one frame is broken: the first may be good
    data = encode_animation(made, durations, format, quality, loop=loop)
    return Rendered(data, *work.canvas, format)


def _is_allowed(structure: Structure, work: Work, limits: Limits) -> bool:
    count = structure.frames
    return (
        count <= limits.max_frames
        and _CANVASES * structure.size[0] * structure.size[1] <= limits.max_decoded_pixels
        and count * structure.size[0] * structure.size[1] <= limits.max_pixels
        and count * work.canvas[0] * work.canvas[1] <= limits.max_frame_pixels
    )


def _loop(image: Image.Image, source_format: str, format: str) -> int | None:
    """Return how often an animation plays, 0 for ever; ``None`` for a GIF that plays once, which
    has no field for it. An AVIF plays for ever.
    """
    if source_format == "AVIF":
        return 0
    loop: int | None = image.info.get("loop", None if format == "gif" else 1)
    return loop if loop is None else max(0, min(loop, _MOST_LOOPS))
