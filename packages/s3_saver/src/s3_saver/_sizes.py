"""Sizes of files as people read them."""


def format_size(size: float) -> str:
    """Return a size in decimal units, such as ``'12.5 MB'``.

    :param size: in bytes.
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
