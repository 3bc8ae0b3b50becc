"""Makes thumbnails: finds those that are there, fetches the image once for the rest, saves them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple

from s3_saver import NotFoundError, S3SaverError, StorageUnavailableError, UnsafeNameError

from ._geometry import Size
from ._image import read_size, render
from ._memory import Failure, Memory, log, new_owner
from ._names import output_format
from ._options import Spec
from ._places import Places
from ._slots import rendering
from .exceptions import (
    BrokenImageError,
    MissingImageError,
    SourceError,
    StorageFailedError,
    TooLargeError,
)

Outcome = Size | Failure

_POLL = 0.02  # seconds
_ATTEMPTS = 3  # to read an image that is being replaced
_PAUSE = 5.0  # seconds for which pages leave a storage alone that does not answer
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


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

    @property
    def format(self) -> str:
        return output_format(self.image, self.spec)

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
        self._unavailable: dict[str, tuple[float, str]] = {}

    def why_left_alone(self, bucket: str) -> str:
        """Tell why a page had better not ask for thumbnails of images in that bucket now, if so: a
        storage that does not answer costs a page of 50 thumbnails one wait, and not 50.
        """
        until, reason = self._unavailable.get(bucket, (0.0, ""))
        return f"{reason} (left alone for {_PAUSE:g} s)" if time.monotonic() < until else ""

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
            return outcomes | self._make([one for one in mine if one not in outcomes], owner)
        finally:
            for one in mine:
                if not self._memory.release(one.key, owner):
                    # It was deleted meanwhile, or somebody else has taken it over: look again.
                    self._memory.forget([one.key])

    def _make(self, wanted: Sequence[Wanted], owner: str) -> dict[Wanted, Outcome]:
        outcomes: dict[Wanted, Outcome] = {}
        try:
            for one, size in self._find(wanted).items():
                outcomes[one] = self._remember(one, size)
            if rest := [one for one in wanted if one not in outcomes]:
                outcomes |= self._make_of_one_source(rest, owner)
        except SourceError as error:
            if isinstance(error.__cause__, StorageUnavailableError):
                self._unavailable[wanted[0].bucket] = time.monotonic() + _PAUSE, str(error)
            failure = fail(wanted[0], error)
            for one in wanted:
                if one not in outcomes:
                    outcomes[one] = self._remember(one, failure)
        return outcomes

    def _make_of_one_source(self, wanted: Sequence[Wanted], owner: str) -> dict[Wanted, Outcome]:
        """Make thumbnails of an image that stays the same meanwhile.

        What was made of an image that was replaced or deleted before the last thumbnail was saved
        is newer than it, and would be taken for good for ever.
        """
        for _ in range(_ATTEMPTS):
            etag = self._etag(wanted[0])
            data = self._fetch(wanted[0])
            outcomes = self._render_all(wanted, data, owner)
            if self._etag(wanted[0]) == etag:
                return outcomes
            with _translated():
                self._places.thumbnails(wanted[0].bucket).delete(*(one.name for one in outcomes))
            self._memory.forget(one.key for one in outcomes)
        raise StorageFailedError(f"it was replaced while it was read, {_ATTEMPTS} times")

    def _render_all(
        self, wanted: Sequence[Wanted], data: bytes, owner: str
    ) -> dict[Wanted, Outcome]:
        outcomes: dict[Wanted, Outcome] = {}
        rest = list(wanted)
        while rest:
            with rendering():
                # All that are to come: rendering takes its time, and so did waiting for it.
                rest = [one for one in rest if self._memory.acquire(one.key, owner)]
                if not rest:
                    break
                one, *rest = rest
                try:
                    rendered = render(data, one.spec, one.format, max_pixels=self._max_pixels)
                except SourceError as error:
                    outcomes[one] = self._remember(one, fail(one, error))
                    continue
            with _translated():
                self._places.thumbnails(one.bucket).save(
                    one.name, BytesIO(rendered.data), content_type=f"image/{one.format}"
                )
            outcomes[one] = self._remember(one, rendered.size)
        return outcomes

    def _remember(self, wanted: Wanted, outcome: Outcome) -> Outcome:
        self._memory.put(wanted.key, outcome)
        return outcome

    def _find(self, wanted: Sequence[Wanted]) -> dict[Wanted, Size]:
        """Give the sizes of the thumbnails that are there, and newer than their original.

        Those of the same time are made again: S3's times have no fractions of a second.
        """
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
                        original_modified = _LONG_AGO  # it is gone: what is left of it will do
                if modified <= original_modified:
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

    def _etag(self, wanted: Wanted) -> str | None:
        """Give the image's etag; ``None`` if it is gone."""
        with _translated():
            try:
                return self._places.originals(wanted.bucket).stat(wanted.image).etag
            except NotFoundError:
                return None


def fail(wanted: Wanted, error: SourceError) -> Failure:
    """Log why there is no thumbnail."""
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
