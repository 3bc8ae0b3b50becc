"""The thumbnails of one store: what the filter, the route, the queue and the commands ask."""

from collections.abc import Sequence
from urllib.parse import quote

from flask import Flask, current_app

from ._log import log
from ._settings import Settings
from ._signing import Purpose, RouteSigner
from .background._queue import Job, Queue
from .exceptions import StorageFailedError
from .making._maker import Maker
from .making._wanted import Wanted
from .making._wants import Wants
from .memory._memory import Memory, new_owner
from .memory._outcomes import Failure
from .pictures._hooks import Hooks
from .pictures._pictures import Reading
from .storing._image_files import ImageFiles
from .templates._shown import Showing
from .templates._template import FRAGMENT, ThumbnailUrl


class Thumbnails:
    """The thumbnails of one store.

    :param static_path: what the URLs of static files begin with, such as ``'/static'``.
    """

    def __init__(
        self,
        settings: Settings,
        files: ImageFiles,
        memory: Memory,
        queue: Queue,
        hooks: Hooks,
        static_path: str,
    ) -> None:
        self.settings = settings
        self.files = files
        self.memory = memory
        self.hooks = hooks
        self.wants = Wants(settings, files, hooks, static_path)
        self.maker = Maker(
            files,
            memory,
            reading=Reading(
                max_pixels=settings.max_pixels,
                max_decoded_pixels=settings.max_decoded_pixels,
                extra_formats=settings.extra_formats,
            ),
            max_bytes=settings.max_bytes,
            hooks=hooks,
            keeps_previews=settings.placeholder == "blur",
        )
        self.store = files.layout.store
        self.signer, self.ready_signer = (
            RouteSigner(purpose, settings.route_expires, self.store, settings.domain)
            for purpose in (Purpose.MAKE, Purpose.READY)
        )
        self._signs = False
        self._fragment = f"{FRAGMENT}{quote(self.store, safe='')}~"
        self._showing = Showing(settings, files, self.maker, memory)
        self.queue = queue
        self._answer_miss = {
            "inline": self._make_now,
            "lazy": self._make_when_asked,
            "queue": self._make_later,
        }[settings.mode]

    def urls(self, wanted: Sequence[Wanted]) -> dict[Wanted, ThumbnailUrl]:
        """Return what a page shows for thumbnails of one image: known ones at once, the others as
        the mode says.
        """
        urls, missing = {}, []
        for one in dict.fromkeys(wanted):
            if not one.to_make:
                urls[one] = self._showing.show_unmade(one)
            elif known := self.memory.get(one.key):
                urls[one] = self._showing.show(one, known)
            else:
                missing.append(one)
        if missing:
            urls.update(zip(missing, self._answer_miss(missing), strict=True))
        return urls

    def url(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what :meth:`urls` does, of a single one: most pages ask for these only."""
        if not wanted.to_make:
            return self._showing.show_unmade(wanted)
        known = self.memory.get(wanted.key)
        return self._showing.show(wanted, known) if known else self._answer_miss([wanted])[0]

    def make_url(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what a page shows, and make it now if it is not known, whatever the mode."""
        if not wanted.to_make:
            return self._showing.show_unmade(wanted)
        known = self.memory.get(wanted.key)
        return self._showing.show(wanted, known) if known else self._make_now([wanted])[0]

    def generate(self, wanted: Sequence[Wanted]) -> list[Failure]:
        """Make those thumbnails of one image that are not in the storage, whatever the cache says.

        :return: why some cannot be made, each reason once; it is not logged. An SVG needs none.
        """
        if refused := [one.refusal for one in wanted if one.refusal]:
            return refused[:1]
        to_make = [one for one in wanted if one.to_make]
        self.memory.forget(one.key for one in to_make)
        outcomes = self.maker.obtain(to_make, logs=False)
        return list(dict.fromkeys(one for one in outcomes if isinstance(one, Failure)))

    def restore(self, name: str, bucket_name: str, *, is_signed: bool) -> bool:
        """Make a thumbnail again that a page shows and that is gone from the storage: a process
        with a cache of its own does not learn that another one has deleted it.

        In the mode ``queue`` this is left to the queue.

        :param name: of the thumbnail.
        :param bucket_name: of the original, ``''`` on disk.
        :param is_signed: whether the URL that asks for it is one of ours. If not, only what is
            remembered is made again, because anybody may ask for any size.
        :return: whether it is there now.
        """
        wanted = self.wants.named(name, bucket_name)
        if not wanted or not wanted.to_make:
            return False
        known = self.memory.get(wanted.key)
        if isinstance(known, Failure) or not (known or is_signed):
            return False
        self.memory.forget([wanted.key])
        if self.settings.mode == "queue":
            self._make_later([wanted])
            return False
        return not isinstance(self.maker.obtain([wanted])[0], Failure)

    def run(self, job: Job) -> None:
        """Make what a job asks for."""
        wanted = [self.wants.named(name, job.bucket_name) for name in job.names]
        self.maker.make_leased([one for one in wanted if one and one.to_make], job.owner)

    def _make_now(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        if reason := self.maker.why_left_alone(wanted[0].bucket_name):
            failure = self._showing.fail(wanted[0], StorageFailedError(reason))
            return [self._showing.show(one, failure) for one in wanted]
        outcomes = self.maker.obtain(wanted)
        return [self._showing.show(*pair) for pair in zip(wanted, outcomes, strict=True)]

    def _make_when_asked(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        return [self._route_url(one) for one in wanted]

    def _route_url(self, wanted: Wanted) -> ThumbnailUrl:
        return ThumbnailUrl(self.signer.url(wanted.name, wanted.bucket_name), wanted.known_size)

    def _make_later(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        owner, urls, mine = new_owner(), [], []
        for one in wanted:
            if self.memory.acquire(one.key, owner):
                mine.append(one.name)
            urls.append(self._waiting(one))
        if mine:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
            try:
                self.queue.put(app, Job(wanted[0].bucket_name, mine, owner, self.store))
            except Exception as error:  # noqa: BLE001 - no queue, however dead, breaks a page
                # The leases stay: a page asks again when they end, and not at every thumbnail.
                log.warning("the queue refuses thumbnails of %r: %r", wanted[0].image, error)
        return urls

    def _waiting(self, wanted: Wanted) -> ThumbnailUrl:
        """Return a placeholder by which a script finds out when the thumbnail is ready."""
        url = self._showing.waiting(wanted)
        self._signs = self._signs or bool(current_app.secret_key)
        if not url or not self._signs or "#" in url:
            return url
        token = self.ready_signer.token(wanted.name, wanted.bucket_name)
        return url.with_fragment(self._fragment + token)
