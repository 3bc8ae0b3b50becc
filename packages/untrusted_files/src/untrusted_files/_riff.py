"""RIFF and IFF: a chunk of four letters and a size, and in it the kind of the file.

RIFF is by Microsoft's "Multimedia Programming Interface and Data Specifications 1.0", RF64 and BW64
(large WAVE files) by ITU-R BS.2088, IFF by EA 85, AIFF by Apple's "Audio Interchange File Format".
"""

from ._bounded import BoundedReader

_KINDS = {
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RIFX", b"WAVE"): "audio/wav",  # big endian
    (b"RF64", b"WAVE"): "audio/wav",
    (b"BW64", b"WAVE"): "audio/wav",
    (b"RIFF", b"AVI "): "video/vnd.avi",
    (b"RIFF", b"WEBP"): "image/webp",
    (b"RIFF", b"RMID"): "audio/midi",
    (b"FORM", b"AIFF"): "audio/x-aiff",
    (b"FORM", b"AIFC"): "audio/x-aiff",
}


def read_riff(reader: BoundedReader) -> tuple[str, ...]:
    """Return the type of a file as the only one; none if it is no such file, or of another kind."""
    found = _KINDS.get((reader.head[:4], reader.head[8:12]))
    return (found,) if found else ()
