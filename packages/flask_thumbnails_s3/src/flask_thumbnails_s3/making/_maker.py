"""Makes thumbnails: finds those that are there, fetches the image once for the rest, saves them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from s3_saver import NotFoundError, S3SaverError, StorageUnavailableError, UnsafeNameError

from .._log import log
from ..exceptions import (
    BrokenImageError,
    MissingImageError,
    SourceError,
    StorageFailedError,
    TooLargeError,
)
from ..memory._memory import Memory, new_owner
from ..memory._outcomes import Failure
from ..naming._options import Size
from ..pictures._hooks import Hooks
from ..pictures._pictures import Original, Reading, Rendered, read_size
from ..pictures._slots import rendering
from ..storing._image_files import ImageFiles
from ._signals import report_failed, report_made
from ._wanted import Wanted

Outcome = Size | Failure

_POLL = 0.02  # seconds
_ATTEMPTS = 3  # to read an image that is being replaced
_PAUSE = 5.0  # seconds for which pages leave a storage alone that does not answer
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Maker:
    """Makes each thumbnail once, whoever asks for it at the same time.

    :param reading: which images are read.
    :param max_bytes: how large an image's file may be.
    :param hooks: what the app adds.
    :param keeps_previews: whether to keep a small picture of each image that is seen.
    """

    def __init__(
        self,
        files: ImageFiles,
        memory: Memory,
        *,
        reading: Reading,
        max_bytes: int,
        keeps_previews: bool = False,
        hooks: Hooks,
    ) -> None:
        self._files = files
        self._store = files.layout.store
        self._memory = memory
        self._reading = reading
        self._max_bytes = max_bytes
        self._keeps_previews = keeps_previews
        self._hooks = hooks
        self._unavailable: dict[str, float] = {}

    def why_left_alone(self, bucket_name: str) -> str:
        """Return why a page had better not ask for thumbnails of images in that bucket now, or
        ``''``: a storage that does not answer costs a page of 50 thumbnails one wait, and not 50.
        """
        if time.monotonic() < self._unavailable.get(bucket_name, 0.0):
            return f"the storage has not answered a moment ago, and is left alone for {_PAUSE:g} s"
        return ""

    def obtain(self, wanted: Sequence[Wanted], *, logs: bool = True) -> list[Outcome]:
        """Make thumbnails of one image, or wait for who is making them already.

        If that one has died, its leases end, and they are made here.

        :param logs: whether failures are logged; who reports them otherwise does not want it.
        """
        owner = new_owner()
        outcomes = self.make_leased(wanted, owner, logs=logs)
        for one in wanted:
            while one not in outcomes:
                time.sleep(_POLL)
                if outcome := self._memory.get(one.key):
                    outcomes[one] = outcome
                else:
                    outcomes |= self.make_leased([one], owner, logs=logs)
        return [outcomes[one] for one in wanted]

    def make_leased(
        self, wanted: Sequence[Wanted], owner: str, *, logs: bool = True
    ) -> dict[Wanted, Outcome]:
        """Make those thumbnails of one image that nobody else is making now."""
        mine = self._leased(wanted, owner)
        try:
            # Somebody may have made it between our look into the cache and our lease.
            outcomes = {one: known for one in mine if (known := self._memory.get(one.key))}
            made = self._make([one for one in mine if one not in outcomes], owner)
            if logs:
                self._log_failures(made)
            return outcomes | made
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
                self._unavailable[wanted[0].bucket_name] = time.monotonic() + _PAUSE
            failure = Failure.of(error)
            for one in wanted:
                if one not in outcomes:
                    outcomes[one] = self._fail(one, failure)
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
                self._files.thumbnails(wanted[0].bucket_name).delete(
                    *(one.name for one in outcomes)
                )
            self._memory.forget(one.key for one in outcomes)
        raise StorageFailedError(f"it was replaced while it was read, {_ATTEMPTS} times")

    def _render_all(
        self, wanted: Sequence[Wanted], data: bytes, owner: str
    ) -> dict[Wanted, Outcome]:
        outcomes: dict[Wanted, Outcome] = {}
        made: dict[Wanted, Rendered] = {}
        # In one slot, since the image that it has decoded is kept for all of them.
        with rendering():
            original = Original(data, self._reading, self._hooks)
            for one in sorted(wanted, key=_pixels, reverse=True):
                # All that are to come: rendering takes its time, and so did waiting for the slot.
                if one not in self._leased(wanted, owner):
                    continue
                try:
                    made[one] = original.render(one.spec, one.format)
                except TooLargeError as error:  # others may be smaller
                    outcomes[one] = self._fail(one, Failure.of(error))
            if made and self._keeps_previews:
                self._memory.keep_preview(wanted[0].preview_key, original.preview())
        rest = [one for one in wanted if one in made]
        while rest := self._leased(rest, owner):
            one, *rest = rest
            with _translated():
                self._files.save(
                    one.bucket_name, one.image, one.name, made[one].data, f"image/{one.format}"
                )
            outcomes[one] = self._remember(one, made[one].size)
            report_made(self._store, one, made[one].size)
        return outcomes

    def _leased(self, wanted: Sequence[Wanted], owner: str) -> list[Wanted]:
        """Prolong leases; return those that nobody else has taken over."""
        return [one for one in wanted if self._memory.acquire(one.key, owner)]

    def _remember(self, wanted: Wanted, outcome: Outcome) -> Outcome:
        self._memory.put(wanted.key, outcome)
        return outcome

    def _fail(self, wanted: Wanted, failure: Failure) -> Outcome:
        report_failed(self._store, wanted, failure)
        return self._remember(wanted, failure)

    def _log_failures(self, outcomes: Mapping[Wanted, Outcome]) -> None:
        """Log why there are no thumbnails."""
        for one, outcome in outcomes.items():
            if isinstance(outcome, Failure):
                self.log_failure(one, outcome)

    def log_failure(self, wanted: Wanted, failure: Failure) -> Failure:
        """Log why there is no thumbnail, but of one image, whatever its sizes, only once in
        ``THUMBNAIL_ERROR_TIMEOUT`` for each kind of failure.
        """
        site = wanted.key.rpartition(".")[0]
        if self._memory.is_news(site, f"{failure.kind} {wanted.bucket_name} {wanted.image}"):
            where = f"bucket {wanted.bucket_name!r}" if wanted.bucket_name else "the local disk"
            log.warning("no thumbnail of %r on %s: %s", wanted.image, where, failure.reason)
        return failure

    def _find(self, wanted: Sequence[Wanted]) -> dict[Wanted, Size]:
        """Return the sizes of the thumbnails that are there, and newer than their original.

        Those of the same time are made again: S3's times have no fractions of a second.
        """
        found = {}
        original_modified = None
        for one in wanted:
            thumbnails = self._files.thumbnails(one.bucket_name)
            with _translated():
                try:
                    modified = thumbnails.stat(one.name).modified
                except NotFoundError:
                    continue
                if original_modified is None:
                    try:
                        original = self._files.originals(one.bucket_name).stat(one.image)
                        original_modified = original.modified
                    except NotFoundError:
                        original_modified = _LONG_AGO  # it is gone: what is left of it will do
                if modified <= original_modified:
                    continue
                if one.known_size:
                    found[one] = one.known_size
                    continue
                try:
                    with thumbnails.open(one.name) as file:
                        size = read_size(file.read(self._max_bytes))
                except NotFoundError:
                    continue  # deleted just now
                if size:  # else it is half of one, and is made again
                    found[one] = size
        return found

    def _fetch(self, wanted: Wanted) -> bytes:
        with (
            _translated(),
            self._files.originals(wanted.bucket_name).open(wanted.image) as file,
        ):
            data = self._hooks.picture_of(file, wanted.image, self._max_bytes)
            if data is None:
                data = file.read(self._max_bytes + 1)
        if len(data) > self._max_bytes:
            raise TooLargeError(f"more bytes than THUMBNAIL_MAX_BYTES = {self._max_bytes} allows")
        if not data:
            raise BrokenImageError("the file is empty")
        return data

    def _etag(self, wanted: Wanted) -> str | None:
        """Return the image's etag; ``None`` if it is gone."""
        with _translated():
            try:
                return self._files.originals(wanted.bucket_name).stat(wanted.image).etag
            except NotFoundError:
                return None


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, UnsafeNameError) as error:
        raise MissingImageError(str(error)) from error
    except S3SaverError as error:
        raise StorageFailedError(str(error)) from error


def _pixels(wanted: Wanted) -> int:
    width, height = wanted.spec.box
    return width * height
