"""What of an upload is there, for a browser that goes on with it after a reload."""

from typing import Any

from ._claim import require_unclaimed
from ._direct import Direct
from ._upload import DirectUpload


def arrived(direct: Direct, upload: DirectUpload) -> dict[str, Any]:
    """Return whether an upload is ``whole``, and if it is not, the numbers of those of its
    ``parts`` that need not be sent again.

    :raises ClaimError: it was claimed, or its parts were removed.
    """
    require_unclaimed(direct, upload)
    if direct.is_whole(upload):
        return {"whole": True, "parts": []}
    found = direct.transport.parts(upload) if upload.upload_id else {}
    good = sorted(n for n, (size, _) in found.items() if size == upload.size_of_part(n))
    return {"whole": False, "parts": good}
