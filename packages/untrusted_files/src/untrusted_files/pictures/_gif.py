"""GIF: its blocks (GIF89a specification)."""

from collections.abc import Sequence

from ..exceptions import PictureError
from ._limits import Limits
from ._refusals import broken
from ._source import Piece, Source
from ._structure import Size, Structure

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_MOST_BLOCKS = 400_000  # of up to 255 bytes each, of all frames: 100 MB


def read_gif(source: Source, limits: Limits) -> Structure:
    """Read a GIF's first frame, and count further ones.

    Comments are not passed to the decoder. If a later frame is broken, or lies outside of the
    picture, the GIF is a still of its first frame.
    """
    head = source.read_at(0, 13)
    screen = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    start = 13 + _table_size(head[10])
    blocks = _Blocks(source, start)
    first = blocks.next_image()
    if first is None:
        raise broken("a GIF without a frame")
    size = max(screen[0], first[0]), max(screen[1], first[1])
    still: list[Piece] = [(0, start), *blocks.pieces, (blocks.image, source.size - blocks.image)]
    frames = _count_frames(blocks, size, limits)
    moving: list[Piece] = [(0, start), *blocks.pieces, b";"]

    def pixels() -> Sequence[Piece]:
        return still

    def animation() -> Sequence[Piece]:
        return moving

    return Structure(
        format="GIF",
        size=size,
        pixels=pixels,
        animation=animation if frames > 1 else None,
        frames=frames,
    )


def _count_frames(blocks: "_Blocks", size: Size, limits: Limits) -> int:
    """Count up to one frame more than is allowed."""
    frames = 1
    try:
        blocks.pass_image()
        while frames <= limits.max_frames and (extent := blocks.next_image()):
            if extent[0] > size[0] or extent[1] > size[1]:
                return 1
            blocks.pass_image()
            frames += 1
    except PictureError:  # the file ends early, or is damaged
        return 1
    return frames


class _Blocks:
    """Walks through a GIF, and collects the parts that are needed.

    :ivar pieces: the needed parts so far.
    :ivar image: start of the frame that was found last.
    """

    def __init__(self, source: Source, position: int) -> None:
        self._source = source
        self._position = position
        self._left = _MOST_BLOCKS
        self.pieces: list[Piece] = []
        self.image = position

    def next_image(self) -> Size | None:
        """Go to the next frame; return how far it reaches to the right and down."""
        while True:
            kind = self._source.read_at(self._position, 1)[0]
            if kind == _IMAGE:
                self.image = self._position
                x, y, width, height = (
                    int.from_bytes(self._source.read(2), "little") for _ in range(4)
                )
                return x + width, y + height
            if kind == _TRAILER:
                return None
            if kind == _EXTENSION:
                self._pass_extension()
            else:
                self._position += 1  # as decoders do

    def pass_image(self) -> None:
        """Go behind the frame that was found."""
        flags = self._source.read_at(self.image + 9, 1)[0]
        self._pass_blocks(self.image + 10 + _table_size(flags) + 1)
        self.pieces.append((self.image, self._position - self.image))

    def _pass_extension(self) -> None:
        start = self._position
        label, length = self._source.read(2)
        name = self._source.peek(length)
        self._pass_blocks(start + 2)
        if label == _GRAPHIC_CONTROL or (label == _APPLICATION and name in _LOOPS):
            self.pieces.append((start, self._position - start))

    def _pass_blocks(self, position: int) -> None:
        source = self._source
        while True:
            source.position = position
            length = source.peek(1)
            self._left -= 1
            if not length or not self._left:
                raise broken("a GIF that ends early, or has too many blocks")
            position += 1 + length[0]
            if length == b"\0":
                self._position = position
                return


def _table_size(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
