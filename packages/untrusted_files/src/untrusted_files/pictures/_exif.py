"""The orientation, of a block of EXIF."""

import struct

_ORIENTATION = 0x0112
_SHORT = 3


def read_orientation(exif: bytes) -> int:
    """Return EXIF's orientation, 1 to 8; 1 where the block is broken or has none.

    A value counts as in browsers: one number of 16 bits in the first directory. See CIPA DC-008
    (Exif 2.32), section 4.6.4.
    """
    if exif.startswith(b"Exif\0"):
        exif = exif[6:]
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
