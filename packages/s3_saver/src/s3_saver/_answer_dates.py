"""When a server has answered: of what was just written it is the time that a listing will show."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any


def date_of(answer: Any) -> datetime:
    """Return the server's own time of an answer, which saves asking for the object's."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        modified: datetime = answer.get("LastModified") or parsedate_to_datetime(headers["date"])
        return modified.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):  # the file is stored, whatever the answer says
        return datetime.now(UTC)
