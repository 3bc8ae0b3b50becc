"""Makes thumbnails: finds those that are there, fetches the image once for the rest, saves them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import NamedTuple

from s3_saver import NotFoundError, S3SaverError, UnsafeNameError

from ._geometry import Size
from ._image import read_size, render
from ._memory import Failure, Memory, log, new_owner
from ._names import output_format
from ._options import Spec
from ._places import Places
from .exceptions import (
    BrokenImageError,
    MissingImageError,
    SourceError,
    StorageFailedError,
    TooLargeError,
)

Outcome = Size | Failure

_POLL = 0.02  # seconds


class Wanted(NamedTuple):
    """A thumbnail that somebody wants.

    :param image: the name of the original.
    :param bucket: the original's, ``''`` on disk.
    :param name: the thumbnail's.
    :param key: under which the cache knows it.
    """

    image: str
    bucket: str
    spec: Spec
    name: str
    key: str

    def __hash__(self) -> int:
        return hash(self.key)


class Maker:
    """Makes each thumbnail once, whoever asks for it at the same time.

    :param max_pixels: how many an image may have.
    :param max_bytes: how large an image's file may be.
    """

    def __init__(self, places: Places, memory: Memory, *, max_pixels: int, max_bytes: int) -> None:
        self._places = places
        self._memory = memory
        self._max_pixels = max_pixels
        self._max_bytes = max_bytes

    def obtain(self, wanted: Sequence[Wanted]) -> list[Outcome]:
        """Make thumbnails of one image, or wait for who is making them already.

        If that one has died, its leases end, and they are made here.
        """
        owner = new_owner()
        outcomes = self.make_leased(wanted, owner)
        for one in wanted:
            while one not in outcomes:
                time.sleep(_POLL)
                if outcome := self._memory.get(one.key):
                    outcomes[one] = outcome
                else:
                    outcomes |= self.make_leased([one], owner)
        return [outcomes[one] for one in wanted]

    def make_leased(self, wanted: Sequence[Wanted], owner: str) -> dict[Wanted, Outcome]:
        """Make those thumbnails of one image that nobody else is making now."""
        mine = [one for one in wanted if self._memory.acquire(one.key, owner)]
        try:
            # Somebody may have made it between our look into the cache and our lease.
            outcomes = {one: known for one in mine if (known := self._memory.get(one.key))}
            made = self._make([one for one in mine if one not in outcomes])
            for one, outcome in made.items():
                self._memory.put(one.key, outcome)
            return outcomes | made
        finally:
            for one in mine:
                self._memory.release(one.key, owner)

    def _make(self, wanted: Sequence[Wanted]) -> dict[Wanted, Outcome]:
        outcomes: dict[Wanted, Outcome] = {}
        try:
            outcomes |= self._find(wanted)
            rest = [one for one in wanted if one not in outcomes]
            data = self._fetch(rest[0]) if rest else b""
        except SourceError as error:
            failure = _fail(wanted[0], error)
            return {one: outcomes.get(one, failure) for one in wanted}
        for one in rest:
            try:
                outcomes[one] = self._render(one, data)
            except SourceError as error:
                outcomes[one] = _fail(one, error)
        return outcomes

    def _find(self, wanted: Sequence[Wanted]) -> dict[Wanted, Size]:
        """Give the sizes of the thumbnails that are there, and no older than their original."""
        found = {}
        original_modified = None
        for one in wanted:
            thumbnails = self._places.thumbnails(one.bucket)
            with _translated():
                try:
                    modified = thumbnails.stat(one.name).modified
                except NotFoundError:
                    continue
                if original_modified is None:
                    try:
                        original = self._places.originals(one.bucket).stat(one.image)
                        original_modified = original.modified
                    except NotFoundError:
                        original_modified = modified  # it is gone: what is left of it will do
                if modified < original_modified:
                    continue
                if one.spec.exact_size:
                    found[one] = one.spec.exact_size
                    continue
                try:
                    with thumbnails.open(one.name) as file:
                        found[one] = read_size(file)
                except (NotFoundError, BrokenImageError):
                    continue  # deleted just now, or half of one: it is made again
        return found

    def _fetch(self, wanted: Wanted) -> bytes:
        with (
            _translated(),
            self._places.originals(wanted.bucket).open(wanted.image) as file,
        ):
            data = file.read(self._max_bytes + 1)
        if len(data) > self._max_bytes:
            raise TooLargeError(f"more bytes than THUMBNAIL_MAX_BYTES = {self._max_bytes} allows")
        if not data:
            raise BrokenImageError("the file is empty")
        return data

    def _render(self, wanted: Wanted, data: bytes) -> Size:
        format = output_format(wanted.image, wanted.spec)
        rendered = render(data, wanted.spec, format, max_pixels=self._max_pixels)
        with _translated():
            self._places.thumbnails(wanted.bucket).save(
                wanted.name, BytesIO(rendered.data), content_type=f"image/{format}"
            )
        return rendered.size


def _fail(wanted: Wanted, error: SourceError) -> Failure:
    where = f"bucket {wanted.bucket!r}" if wanted.bucket else "the local disk"
    log.warning("no thumbnail of %r on %s: %s", wanted.image, where, error)
    return Failure.of(error)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, UnsafeNameError) as error:
        raise MissingImageError(str(error)) from error
    except S3SaverError as error:
        raise StorageFailedError(str(error)) from error
