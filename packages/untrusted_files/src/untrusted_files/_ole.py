"""OLE compound files ([MS-CFB]): the older documents of Microsoft Office, and what else they hold.

The names of the streams in its root storage say what a file is; those of embedded documents, in
storages below, must not count.
"""

from ._bounded import BoundedReader, little

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA  # what is above means the end of a chain, or no sector (section 2.1)
_NO_ENTRY = 0xFFFFFFFF
_ENTRY_BYTES = 128
_HEADER_DIFAT = 109  # sectors of the FAT that the header names (section 2.2)

_MAX_DIRECTORY_BYTES = 524_288
_MAX_DIFAT_SECTORS = 64
_MAX_FAT_READS = 1_024

_OPENXML = "application/vnd.openxmlformats-officedocument"
# In lower case: names are compared without it (section 2.6.4), and some programs write BOOK.
_STREAMS = {
    "worddocument": "application/msword",
    "workbook": "application/vnd.ms-excel",
    "book": "application/vnd.ms-excel",
    "powerpoint document": "application/vnd.ms-powerpoint",
    "pp97_dualstorage": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
    "visiodocument": "application/vnd.visio",
    "quill": "application/x-mspublisher",
}
# With a password a newer document is one stream of a compound file ([MS-OFFCRYPTO] section 2.3.1).
_ENCRYPTED = "encryptedpackage"
_ENCRYPTED_TYPES = (
    f"{_OPENXML}.wordprocessingml.document",
    f"{_OPENXML}.spreadsheetml.sheet",
    f"{_OPENXML}.presentationml.presentation",
    "application/vnd.ms-word.document.macroEnabled.12",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
)
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # the class of its root storage
_UNKNOWN = "application/x-ole-storage"


def read_ole(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no such file."""
    if not reader.head.startswith(_SIGNATURE):
        return ()
    directory = _read_directory(reader)
    names = _root_names(directory)
    for name, found in _STREAMS.items():
        if name in names:
            return (found,)
    if _ENCRYPTED in names:
        return (_UNKNOWN, *_ENCRYPTED_TYPES)
    if directory[80:96] == _INSTALLER:
        return ("application/x-msi",)
    return (_UNKNOWN,)


def _read_directory(reader: BoundedReader) -> bytes:
    """The directory's stream, as far as it can be followed through the FAT."""
    header = reader.head[:512]
    shift = little(header, 30, 2)
    if shift not in (9, 12):  # sectors of 512 or 4,096 bytes (section 2.2)
        return b""
    sector_bytes = 1 << shift
    fat = _Fat(reader, header, sector_bytes)
    parts: list[bytes] = []
    seen: set[int] = set()
    sector = little(header, 48)
    while sector < _LAST_SECTOR and sector not in seen:
        seen.add(sector)
        part = reader.read((sector + 1) << shift, sector_bytes)
        parts.append(part)
        if len(part) < sector_bytes or len(parts) << shift >= _MAX_DIRECTORY_BYTES:
            break
        sector = fat.next_sector(sector)
    return b"".join(parts)


class _Fat:
    """Which sector follows which. Its own sectors are listed in the header, and in a chain."""

    def __init__(self, reader: BoundedReader, header: bytes, sector_bytes: int) -> None:
        self._reader = reader
        self._sector_bytes = sector_bytes
        self._sectors = [little(header, 76 + 4 * i) for i in range(_HEADER_DIFAT)]
        self._loaded: dict[int, bytes] = {}
        self._add_listed(little(header, 68))

    def next_sector(self, sector: int) -> int:
        per_sector = self._sector_bytes // 4
        index, place = divmod(sector, per_sector)
        if index not in self._loaded:
            if index >= len(self._sectors) or len(self._loaded) >= _MAX_FAT_READS:
                return _NO_ENTRY
            self._loaded[index] = self._read(self._sectors[index])
        data = self._loaded[index]
        return little(data, 4 * place) if 4 * place + 4 <= len(data) else _NO_ENTRY

    def _add_listed(self, sector: int) -> None:
        per_sector = self._sector_bytes // 4 - 1
        for _ in range(_MAX_DIFAT_SECTORS):
            data = self._read(sector)
            if len(data) < self._sector_bytes:
                return
            self._sectors += [little(data, 4 * i) for i in range(per_sector)]
            sector = little(data, 4 * per_sector)

    def _read(self, sector: int) -> bytes:
        if sector >= _LAST_SECTOR:
            return b""
        return self._reader.read((sector + 1) * self._sector_bytes, self._sector_bytes)


def _root_names(directory: bytes) -> set[str]:
    """The names in the root storage in lower case, which are a binary tree (section 2.6.4)."""
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [little(directory, 76)] if len(directory) >= _ENTRY_BYTES else []
    while waiting:
        index = waiting.pop()
        start = index * _ENTRY_BYTES
        if index in seen or start + _ENTRY_BYTES > len(directory):
            continue
        seen.add(index)
        length = min(little(directory, start + 64, 2), 64)
        name = directory[start : start + max(length - 2, 0)]
        names.add(name.decode("utf-16-le", errors="replace").lower())
        waiting += [little(directory, start + 68), little(directory, start + 72)]
    return names
