"""Signals of blinker, as Flask has its own: others hear of thumbnails.

Each is sent with the Flask app as its sender, and with ``image``, the name of the original, its
``storage_type``, ``bucket_name`` and ``store``. Receivers run in the same thread, in a page or in a
worker. What they raise is logged.
"""

from typing import Any

from blinker import NamedSignal, Namespace
from flask import current_app

from .._log import log
from ..memory._outcomes import Failure
from ..naming._options import Size
from ._wanted import Wanted

_signals = Namespace()

#: A thumbnail was made and stored, as ``name``, with its ``size``, width and height in pixels.
thumbnail_made = _signals.signal("thumbnail-made")

#: A thumbnail, ``name``, cannot be made, because of ``error``, a SourceError.
thumbnail_failed = _signals.signal("thumbnail-failed")


def report_made(store: str, wanted: Wanted, size: Size) -> None:
    """Send :data:`thumbnail_made`."""
    _send(thumbnail_made, store, wanted, size=size)


def report_failed(store: str, wanted: Wanted, failure: Failure) -> None:
    """Send :data:`thumbnail_failed`."""
    _send(thumbnail_failed, store, wanted, error=failure.error())


def _send(signal: NamedSignal, store: str, wanted: Wanted, **more: Any) -> None:
    if not signal.receivers:
        return
    try:
        signal.send(
            current_app._get_current_object(),  # type: ignore[attr-defined] # noqa: SLF001
            image=wanted.image,
            storage_type="s3" if wanted.bucket_name else "",
            bucket_name=wanted.bucket_name,
            store=store,
            name=wanted.name,
            **more,
        )
    except Exception:  # noqa: BLE001 - a receiver may raise anything
        log.exception("a receiver of %s failed for %r", signal.name, wanted.name)
