"""What a push found and did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Called with the number of files done and of all to do.
Progress = Callable[[int, int], None]


@dataclass(kw_only=True)
class PushReport:
    """What a push found and did, or by a dry run would do. Keys are those of objects.

    :param new: keys that the bucket did not have.
    :param changed: keys whose content is another now.
    :param headers_changed: keys whose content is the same, but not their headers.
    :param same: keys that needed nothing.
    :param gone: keys of the last release that the app no longer has; they stay in the bucket.
    :param sent: size in bytes of each uploaded object, by key.
    :param there: keys that were found in the bucket with these bytes, and not uploaded.
    :param failed: the reason, by key.
    :param not_tried: keys that were given up on after nothing else had succeeded.
    :param left_out: what stays with the app, by its URL path (that of a folder ends in a slash):
        the extension that keeps files of users there, or ``'FLASKS3_EXCLUDE'``.
    :param hashed_already: keys whose names seem to hold a hash, as bundlers make them, or do by
        ``FLASKS3_HASHED_ALREADY``: browsers keep these files for a year.
    :param warnings: a sentence for each reference that leads nowhere, and for what else is odd.
    :param manifest: where the manifest of hashed names was written.
    :param policy: the bucket policy that was written.
    :param creates_bucket: there was no bucket.
    :param invalidation: the id of CloudFront's invalidation.
    """

    new: list[str]
    changed: list[str]
    headers_changed: list[str]
    same: list[str]
    gone: list[str]
    sent: dict[str, int] = field(default_factory=dict)
    there: list[str] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)
    not_tried: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    hashed_already: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    manifest: str | None = None
    policy: dict[str, Any] | None = None
    creates_bucket: bool = False
    invalidation: str | None = None

    @property
    def sent_bytes(self) -> int:
        """What was sent, in bytes, after compression."""
        return sum(self.sent.values())
