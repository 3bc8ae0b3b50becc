"""The one guard of all names, and the way from a file's path to its name."""

import os
import re

from .exceptions import UnsafeNameError

#: What a storage puts aside while it works; no name may look like it, so none is ever listed.
RESERVED_PREFIX = ".s3-saver-"

_MAX_NAME_BYTES = 1024  # S3's limit for an object key, in bytes of UTF-8
_MAX_SEGMENT_BYTES = 255  # NAME_MAX of Linux, macOS and Windows file systems

# C0 and C1 control characters, and the two noncharacters that XML 1.0 (section 2.2), and so a
# listing of S3, cannot carry.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")

# Nearly every name in life: plain segments, none of which begins with a dot.
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*").fullmatch


def check_name(name: str) -> str:
    """Give *name* back if every storage can hold it, else raise.

    :raises UnsafeNameError: it is not a POSIX relative path of at most 1,024 bytes of UTF-8, 255 a
        segment, without empty or dot segments, backslashes and control characters.
    :raises TypeError: it is not a string.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str such as 'photos/cat.jpg', got {name!r}")
    if len(name) <= _MAX_SEGMENT_BYTES and _PLAIN(name):
        return name
    if rule := _broken_rule(name) or _broken_segment_rule(name.split("/")):
        raise UnsafeNameError(f"name {name!r} is not safe: {rule}", name=name, rule=rule)
    return name


def check_prefix(prefix: str) -> str:
    """Give *prefix* back if it can be the beginning of a legal name, or is empty; else raise.

    :raises UnsafeNameError: no legal name begins like that.
    :raises TypeError: it is not a string.
    """
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be a str such as 'photos/', got {prefix!r}")
    if not prefix:
        return prefix
    # What follows the last slash is only the beginning of a segment: it may be empty or dots.
    whole_segments = prefix.split("/")[:-1]
    if rule := _broken_rule(prefix) or _broken_segment_rule(whole_segments):
        raise UnsafeNameError(f"prefix {prefix!r} is not safe: {rule}", name=prefix, rule=rule)
    return prefix


def _broken_rule(name: str) -> str | None:
    if not name:
        return "it is empty; give the file a name"
    if name.startswith("/"):
        return "it is an absolute path; use a path relative to the storage"
    if "\\" in name:
        return "it has a backslash; separate folders by '/'"
    if CONTROL.search(name):
        return "it has a control character; remove it"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "it cannot be written in UTF-8; decode it properly first"
    if size > _MAX_NAME_BYTES:
        return f"it has {size} bytes in UTF-8; {_MAX_NAME_BYTES} is the limit"
    return None


def _broken_segment_rule(segments: list[str]) -> str | None:
    for segment in segments:
        if not segment:
            return "it has an empty segment; write one '/' between folders and none at the end"
        if segment in (".", ".."):
            return f"it has the segment {segment!r}; write the path out"
        if segment.startswith(RESERVED_PREFIX):
            return f"segments that begin with {RESERVED_PREFIX!r} are the storage's own"
        if len(segment.encode()) > _MAX_SEGMENT_BYTES:
            return f"a segment has more than {_MAX_SEGMENT_BYTES} bytes in UTF-8; shorten it"
    return None


def name_from_path(path: str, base: str, root: str) -> str:
    """Turn a path below *root* into the storage's name, by its text alone.

    :param path: relative to *base*, or absolute and below *base* or *root*. It may write these two
        as the application does or normalised; behind them it must be clean: a ``..`` is refused
        even where it would stay inside, since a stored file name is where attacks come from. It may
        end in the middle of a name, or with a slash.
    :param base: the folder that relative paths start from, below *root* or *root* itself.
    :param root: the folder that all names are relative to.
    :raises UnsafeNameError: the path is not below *root*.
    """
    folder = folder_in(base, root)
    if not os.path.isabs(path):
        return folder + path
    for anchor, prefix in ((base, folder), (root, "")):
        for spelling in (anchor, os.path.normpath(anchor), os.path.abspath(anchor)):
            if path == spelling:
                return prefix.rstrip("/")
            start = spelling if spelling.endswith("/") else spelling + "/"
            if path.startswith(start):
                return prefix + path[len(start) :]
    rule = f"it is not below {root!r}; use a path relative to {base!r}"
    raise UnsafeNameError(f"path {path!r} is not safe: {rule}", name=path, rule=rule)


def folder_in(base: str, root: str) -> str:
    """Give the path from *root* down to *base*: empty, or ending in a slash.

    :raises ValueError: *base* is not below *root*.
    """
    base, root = os.path.abspath(base), os.path.abspath(root)
    if base == root:
        return ""
    start = root if root.endswith("/") else root + "/"
    if not base.startswith(start):
        raise ValueError(
            f"base_path {base!r} is not below static_root_parent {root!r}: "
            "pass a static_root_parent that is one of its parents"
        )
    return base[len(start) :] + "/"
