"""Who may keep an answer, and for how long, as ``Cache-Control`` says it (RFC 9111, RFC 8246)."""

_YEAR = 31_536_000  # seconds


def redirect_caching(*, private: bool, is_asked: bool, left: int) -> str:
    """Return ``Cache-Control`` for a redirect to a file's own URL.

    :param private: whether that URL is signed.
    :param is_asked: whether the app decides for each visitor who may read.
    :param left: seconds that the URL holds at least. Half of them are for reading the file, after
        a redirect that a browser has kept.
    """
    if is_asked:
        return "private, no-cache"
    if private:
        return f"private, max-age={left // 2}"
    return "no-cache"


def file_caching(*, never_changes: bool, private: bool, is_asked: bool) -> str:
    """Return ``Cache-Control`` for a file's bytes that come from the app.

    :param never_changes: whether no other bytes will ever have the file's name.
    :param private: as for :func:`redirect_caching`, and so is *is_asked*.
    """
    if private or is_asked:
        return "private, no-cache"
    if never_changes:
        return f"public, max-age={_YEAR}, immutable"
    return "no-cache"
