"""The one guard of all names, and the way from a file's path to its name."""

import os
import re

from .exceptions import ArgumentError, ArgumentTypeError, UnsafeNameError

#: What a storage puts aside while it works; no name may look like it, so none is ever listed.
RESERVED_PREFIX = ".s3-saver-"

#: S3's limit for an object key, in bytes of UTF-8.
MAX_NAME_BYTES = 1024

_MAX_SEGMENT_BYTES = 255  # NAME_MAX of Linux, macOS and Windows file systems

# C0 and C1 control characters, and the two noncharacters that XML 1.0 (section 2.2), and so a
# listing of S3, cannot carry.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")

# Nearly every name in life: plain segments, none of which begins with a dot.
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*").fullmatch


def check_name(name: str) -> str:
    """Return *name* if every storage can hold it, else raise.

    This is the one guard of names: whatever it lets through stays below any storage's root.

    :param name: a POSIX relative path of at most 1,024 bytes of UTF-8, 255 a segment, without empty
        or dot segments, backslashes and control characters.
    :raises UnsafeNameError: it is not one.
    :raises ArgumentTypeError: it is not a str.
    """
    if not isinstance(name, str):
        raise ArgumentTypeError("name", name, "a str such as 'photos/cat.jpg'")
    if len(name) <= _MAX_SEGMENT_BYTES and _PLAIN(name):
        return name
    if rule := _broken_rule(name) or _broken_segment_rule(name.split("/")):
        raise UnsafeNameError(f"name {name!r} is not safe: {rule}", name=name, rule=rule)
    return name


def check_key(prefix: str, name: str) -> str:
    """Return the key of a checked name, which may be too long with the prefix of its storage.

    :raises UnsafeNameError: it is.
    """
    key = prefix + name
    if 4 * len(key) > MAX_NAME_BYTES and (size := len(key.encode())) > MAX_NAME_BYTES:
        rule = f"with the prefix {prefix!r} it has {size} bytes; {MAX_NAME_BYTES} is the limit"
        raise UnsafeNameError(f"name {name!r} is not safe: {rule}", name=name, rule=rule)
    return key


def check_prefix(prefix: str) -> str:
    """Return *prefix* if it can be the beginning of a legal name, or is empty; else raise.

    :raises UnsafeNameError: no legal name begins like that.
    :raises ArgumentTypeError: it is not a str.
    """
    if not isinstance(prefix, str):
        raise ArgumentTypeError("prefix", prefix, "a str such as 'photos/'")
    if not prefix:
        return prefix
    # What follows the last slash is only the beginning of a segment: it may be empty or dots.
    whole_segments = prefix.split("/")[:-1]
    if rule := _broken_rule(prefix) or _broken_segment_rule(whole_segments):
        raise UnsafeNameError(
            f"prefix {prefix!r} is not safe: {rule}", name=prefix, rule=rule, argument="prefix"
        )
    return prefix


def _broken_rule(name: str) -> str | None:
    if not name:
        return "it is empty; use a name such as 'photos/cat.jpg'"
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
    if size > MAX_NAME_BYTES:
        return f"it has {size} bytes in UTF-8; {MAX_NAME_BYTES} is the limit"
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
    """Turn a path below *base* into the storage's name, by its text alone.

    :param path: relative to *base*, or absolute and below it. It may write *base* as the
        application does or normalised; behind it the path must be clean: a ``..`` is refused even
        where it would stay inside, since a stored file name is where attacks come from. It may end
        in the middle of a name, or with a slash; *base* itself is its folder.
    :param base: the folder that relative paths start from, below *root* or *root* itself.
    :param root: the folder that all names are relative to.
    :raises UnsafeNameError: the path is absolute and not below *base*: one that only lies below
        *root* may be any file of the project, and rows are where paths come from.
    """
    folder = folder_in(base, root)
    if not os.path.isabs(path):
        return folder + path
    for spelling in (base, os.path.normpath(base), os.path.abspath(base)):
        if path == spelling:
            return folder
        start = spelling if spelling.endswith("/") else spelling + "/"
        if path.startswith(start):
            return folder + path[len(start) :]
    rule = f"it is not below base_path; use a path relative to {base!r}"
    raise UnsafeNameError(
        f"path {path!r} is not safe: {rule}", name=path, rule=rule, argument="path"
    )


def folder_in(base: str, root: str) -> str:
    """Return the path from *root* down to *base*: empty, or ending in a slash. If files below
    *base* are also kept in a bucket whose top is *root*, it is the prefix of their keys.

    :param base: a folder, by default relative to the working directory; it need not be there.
    :param root: *base* itself, or one of its parents.
    :raises ArgumentError: *base* is not below *root*.
    """
    base, root = os.path.abspath(base), os.path.abspath(root)
    if base == root:
        return ""
    start = root if root.endswith("/") else root + "/"
    if not base.startswith(start):
        raise ArgumentError(
            "base_path",
            base,
            f"below static_root_parent, which is {root!r}",
            ": pass a static_root_parent that is one of its parents",
        )
    return base[len(start) :] + "/"
