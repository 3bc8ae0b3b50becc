"""Advanced Systems Format: Windows Media (Microsoft's "ASF Specification" 1.20)."""

from ._bounded import BoundedReader

_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_STREAM = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")  # a stream properties object
_SOUND = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_FILM = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


def read_asf(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no such file."""
    head = reader.head
    if not head.startswith(_HEADER):
        return ()
    kinds: set[bytes] = set()
    place = head.find(_STREAM)
    while place >= 0:
        kinds.add(head[place + 24 : place + 40])  # behind its id and size
        place = head.find(_STREAM, place + 16)
    if _FILM in kinds:
        return "video/x-ms-wmv", "video/x-ms-asf"
    if _SOUND in kinds:
        return "audio/x-ms-wma", "video/x-ms-asf"
    return "video/x-ms-asf", "video/x-ms-wmv", "audio/x-ms-wma"
