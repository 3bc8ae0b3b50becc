"""Asking for a file as a browser does, and by a name of our own: CDNs refuse urllib's."""

from email.message import Message
from importlib.metadata import version
from urllib.request import Request, urlopen

USER_AGENT = f"flask-s3-static/{version('flask-s3-static')} (flask s3-static check)"

#: Where the page that asks would be.
ORIGIN = "https://origin.example"

_TIMEOUT = 10  # seconds


def get_headers(url: str) -> Message:
    """Return the headers with which a page of another origin gets a file.

    :raises HTTPError: it does not get it.
    """
    if url.startswith("//"):
        url = f"https:{url}"
    headers = {"Origin": ORIGIN, "User-Agent": USER_AGENT}
    request = Request(url, headers=headers)  # noqa: S310 - of http or https
    with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
        found: Message = answer.headers
        return found
