"""The orientation in a block of EXIF.

Which blocks count is what Chromium 150 did when it was tried: EXIF of JPEG (the first block, sound
or not) and of PNG (before the pixels), ``irot`` and ``imir`` of AVIF. It does not turn pictures by
EXIF of WebP, by EXIF of AVIF, by XMP, or by ImageMagick's "Raw profile type exif" of PNG. Of TIFF,
which browsers do not show, the tag counts.
"""

import struct

_ORIENTATION = 0x0112
_SHORT = 3


def read_orientation(exif: bytes) -> int:
    """Return EXIF's orientation, 1 to 8; 1 where the block is broken or has none.

    :param exif: begins with the header of TIFF.

    A value counts as in Chromium: one number of 16 bits in the first directory. See CIPA DC-008
    (Exif 2.32), section 4.6.4.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (offset,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, offset)
        for number in range(count):
            entry = struct.unpack_from(f"{order}HHIH", exif, offset + 2 + 12 * number)
            if entry[0] == _ORIENTATION:
                _, kind, values, value = entry
                return value if kind == _SHORT and values == 1 and 1 <= value <= 8 else 1
    except struct.error:  # the block ends early
        pass
    return 1
