"""What is said of an image's name that is no name below MEDIA_FOLDER, but a URL or its path."""

import re

_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//|data:").match


def explain(image: str, static_path: str, media_url: str) -> str:
    """Return what to pass in place of a name that no image has; ``''`` if that is not known.

    :param static_path: what the URLs of static files begin with, such as ``'/static'``.
    :param media_url: the path of the originals below it, such as ``'uploads/'``; may be empty.
    """
    if _URL(image):
        return "that is a URL; pass a name below MEDIA_FOLDER"
    static, path = f"{static_path.strip('/')}/", image.lstrip("/")
    if static != "/" and path.startswith(static):
        name = path.removeprefix(static).removeprefix(f"{media_url.strip('/')}/".lstrip("/"))
        return (
            "that is the path of a static file's URL; pass its name below MEDIA_FOLDER, such as "
            f"{name!r}"
        )
    if image.startswith("/"):
        return "that is the path of a URL or of a file; pass a name below MEDIA_FOLDER"
    return ""
