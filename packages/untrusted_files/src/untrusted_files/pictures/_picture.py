"""A stranger's picture: opened, measured, checked and rendered."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import IO, Self

from ._animation import render_animation
from ._decode import check_size, decode, jpeg_scale, open_pillow, read_profile, translated
from ._encode import Rendered, check_output, check_sides, encode, own_format
from ._exif import read_orientation
from ._formats import FORMATS, READERS, check_formats, find_format, prepare, refusal
from ._geometry import Layout, Resize, check_resize, lay_out
from ._limits import DEFAULT_LIMITS, Limits, check_limits
from ._pillow import Image
from ._pillow_limit import allowed_by_pillow
from ._refusals import broken, check_pixels
from ._render import Work, make
from ._source import Source
from ._structure import Structure

_EXIF = b"Exif\0\0"  # what some of Pillow's plugins leave in front of the block


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """Format and size of a picture, as its header says.

    :param format: as Pillow calls it: ``'JPEG'``, ``'PNG'``, ``'HEIF'``, ...
    :param width: in pixels, of the picture as it is seen: turned upright.
    :param height: in pixels.
    :param frames: 1 for a still; of an animation with more than ``Limits.max_frames``, one more
        than that.
    """

    format: str
    width: int
    height: int
    frames: int


class Picture:
    """A picture that :func:`open_picture` has opened. Use it in a ``with`` statement.

    What has been decoded is kept for further calls, so ask for the largest size first.
    """

    def __init__(self, file: IO[bytes], limits: Limits, formats: Iterable[str]) -> None:
        check_limits(limits)
        self._file = file
        self._limits = limits
        self._source = Source(file, limits.max_header_bytes)
        self._decoded: tuple[int, Image.Image] | None = None
        names = check_formats(formats)
        try:
            with translated(self._source):
                self._structure = _read(self._source, limits, names)
        finally:
            file.seek(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._decoded = None

    @property
    def info(self) -> PictureInfo:
        """Format and size, as the header says."""
        structure = self._structure
        return PictureInfo(structure.format, *structure.upright, structure.frames)

    def check(self) -> None:
        """Decode the picture, as :meth:`render` would.

        :raises BrokenPictureError: it is damaged.
        :raises PictureTooLargeError: it goes over one of the limits.
        """
        self._decode(None)

    def render(self, resize: Resize, format: str, *, quality: int | None = None) -> Rendered:
        """Make a file of the picture: upright, in sRGB or gray, without any metadata.

        An animation keeps its frames if *format* can hold them. Otherwise, and if later frames are
        damaged or go over a limit, it becomes a still of its first frame.

        Colors are converted by the picture's ICC profile, or by its code points (PNG, AVIF, HEIF)
        or gamma (PNG); those of CMYK without a profile by a formula, as in browsers, which is
        brighter than a press would print them.

        :param format: ``'jpeg'``, ``'png'``, ``'webp'``, ``'avif'`` or ``'gif'``.
        :param quality: 1 to 100, for JPEG, WebP and AVIF; ``None`` for 85, 80 and 70, which look
            about the same.
        :raises ArgumentError: *resize*, *format* or *quality* is not a possible one.
        :raises BrokenPictureError: the picture is damaged.
        :raises PictureTooLargeError: it, or the result, goes over one of the limits.
        """
        check_resize(resize)
        check_output(format, quality)
        structure, limits = self._structure, self._limits
        layout = lay_out(structure.upright, resize)
        check_pixels(
            layout.canvas,
            limits.max_decoded_pixels,
            limit="max_decoded_pixels",
            what="to be made: ",
        )
        check_sides(layout.canvas, format)
        work = Work.of(structure, layout, resize.background, format)
        image = self._decode(layout)  # of animations too: a broken first frame is an error
        try:
            with translated(self._source), allowed_by_pillow(structure.size):
                animation = render_animation(self._source, structure, work, format, quality, limits)
                if animation:
                    return animation
                made = make(image, structure, work, read_profile(structure, image))
                data = encode(made, format, quality, few_colors=image.mode == "P")
        finally:
            self._file.seek(0)
        return Rendered(data, *made.size, format)

    def fit(self, resize: Resize, *, quality: int | None = None) -> Rendered | None:
        """Make the picture smaller in its own format, or else as JPEG.

        :return: ``None`` if the file needs no change: it has the right size, and a format that
            browsers show. It has been decoded then, as by :meth:`check`.
        """
        check_resize(resize)
        structure = self._structure
        own = own_format(structure.format)
        layout = lay_out(structure.upright, resize)
        if own.upper() == structure.format and layout == Layout(
            (0, 0, *structure.upright), structure.upright, structure.upright
        ):
            self.check()
            return None
        return self.render(resize, own, quality=quality)

    def _decode(self, layout: Layout | None) -> Image.Image:
        check_size(self._structure, self._limits)
        scale = jpeg_scale(self._structure, layout, self._limits)
        if self._decoded and self._decoded[0] <= scale:
            return self._decoded[1]
        try:
            with translated(self._source), allowed_by_pillow(self._structure.size):
                image = decode(self._source, self._structure, scale)
        finally:
            self._file.seek(0)
        self._decoded = scale, image
        return image


def _read(source: Source, limits: Limits, formats: tuple[str, ...]) -> Structure:
    """Read the header of a file."""
    format = find_format(source)
    if format in formats:
        prepare(format)
        structure = READERS[format](source, limits)
        if format in ("AVIF", "HEIF"):
            structure = _ask_pillow(source, structure)
        if min(structure.size) < 1:
            raise broken(f"a picture of {structure.size[0]}x{structure.size[1]} pixels")
        return structure
    for name in formats:
        if name not in READERS:
            structure = Structure(format=name, size=(0, 0), pixels=lambda: [(0, source.size)])
            try:
                return _ask_pillow(source, structure)
            except (Image.DecompressionBombError, Image.DecompressionBombWarning):
                raise
            except Exception:  # it is not of this format
                if source.failure:
                    raise
    raise refusal(source, format)


def _ask_pillow(source: Source, structure: Structure) -> Structure:
    """Let Pillow read the size and frames of a format that has no reader here."""
    file = source.spliced(structure.pixels())
    with allowed_by_pillow(structure.size), open_pillow(structure.format, file) as image:
        found = replace(
            structure,
            size=image.size,
            frames=getattr(image, "n_frames", 1) if structure.format == "AVIF" else 1,
            orientation=read_orientation((image.info.get("exif") or b"").removeprefix(_EXIF)),
        )
        return replace(found, animation=structure.pixels) if found.frames > 1 else found


def open_picture(
    file: IO[bytes], *, limits: Limits = DEFAULT_LIMITS, formats: Iterable[str] = FORMATS
) -> Picture:
    """Open a picture and read its header.

    :param file: seekable; it is left at its start, and open.
    :param limits: of memory and time.
    :param formats: Pillow's names of allowed formats; no others are tried. Those that are not among
        :data:`FORMATS`, such as ``'ICO'``, are read by Pillow alone: with limits of pixels, but
        without those of headers.
    :raises ArgumentError: *file* is no open binary stream that can be rewound, or *limits* or
        *formats* is wrong.
    :raises BrokenPictureError: it is not a picture of these formats, or its header is damaged.
    :raises PictureTooLargeError: its header is too long.
    """
    return Picture(file, limits, formats)
