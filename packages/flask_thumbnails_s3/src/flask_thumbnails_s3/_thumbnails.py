"""The thumbnails of one app: what the filter, the route, the queue and the commands ask."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask import Flask, current_app

from ._geometry import Size
from ._lazy import RouteSigner
from ._maker import Maker, Outcome, Wanted
from ._memory import Failure, Memory, log, new_owner
from ._names import own_format
from ._options import Spec, parse_spec
from ._places import Places
from ._queue import Job, Queue
from ._settings import Settings
from ._template import ThumbnailUrl, svg_url

_NO_NAME = Failure("MissingImageError", "the name of the image is empty")


class Thumbnails:
    """What one app has in ``app.extensions``."""

    def __init__(self, settings: Settings, places: Places, memory: Memory, queue: Queue) -> None:
        self.settings = settings
        self.places = places
        self.memory = memory
        self.maker = Maker(
            places, memory, max_pixels=settings.max_pixels, max_bytes=settings.max_bytes
        )
        self.signer = RouteSigner(settings.route_expires)
        self._queue = queue
        self._answer_miss = {
            "inline": self._make_now,
            "lazy": self._make_when_asked,
            "queue": self._make_later,
        }[settings.mode]
        # Two apps may share a cache server, but not each other's thumbnails.
        self._namespace = _digest(
            f"{settings.media_thumbnail_folder}\n{settings.s3_bucket_name}"
            f"\n{settings.s3_endpoint_url}"
        )
        self._cached_want = lru_cache(maxsize=8192)(self._want)

    def want(
        self,
        image: str | None,
        size: str,
        storage_type: str | None,
        bucket_name: str | None,
        **options: Any,
    ) -> Wanted:
        """Check what a template asks for, and name the thumbnail.

        :raises OptionError: an option breaks its rule.
        """
        bucket = self.places.bucket_of(storage_type, bucket_name)
        try:
            return self._cached_want(image or "", bucket, size, **options)
        except TypeError:  # a value cannot be hashed: the check says which
            return self._want(image or "", bucket, size, **options)

    def want_like(self, wanted: Wanted, spec: Spec) -> Wanted:
        """Give another thumbnail of the same image."""
        return self._name(wanted.image, wanted.bucket, spec)

    def want_named(self, name: str, bucket: str) -> Wanted | None:
        """Give the thumbnail of that name of an original in that bucket, if it can be one."""
        parsed = self.places.parse_thumbnail_name(name, bucket)
        return (
            Wanted(parsed[0], bucket, parsed[1], name, self.key(bucket, name)) if parsed else None
        )

    def key(self, bucket: str, name: str) -> str:
        """Give the key by which the cache knows a thumbnail; memcached takes 250 characters."""
        return f"thumbnail.{self._namespace}.{_digest(f'{bucket}:{name}')}"

    def urls(self, wanted: Sequence[Wanted]) -> dict[Wanted, ThumbnailUrl]:
        """Give what a page shows for thumbnails of one image: known ones at once, the others as
        the mode says.
        """
        urls, missing = {}, []
        for one in dict.fromkeys(wanted):
            known = self.memory.get(one.key) if one.image else _NO_NAME
            if known:
                urls[one] = self._show(one, known)
            else:
                missing.append(one)
        if missing:
            urls.update(zip(missing, self._answer_miss(missing), strict=True))
        return urls

    def make_url(self, wanted: Wanted) -> ThumbnailUrl:
        """Give what a page shows, and make it now if it is not known, whatever the mode."""
        known = self.memory.get(wanted.key)
        return self._show(wanted, known) if known else self._make_now([wanted])[0]

    def generate(self, wanted: Sequence[Wanted]) -> None:
        """Make those thumbnails of one image that are not in the storage, whatever the cache says.

        :raises SourceError: one cannot be made.
        """
        self.memory.forget(one.key for one in wanted)
        for outcome in self.maker.obtain(wanted):
            if isinstance(outcome, Failure):
                raise outcome.error()

    def run(self, job: Job) -> None:
        """Make what a job asks for."""
        wanted = [self.want_named(name, job.bucket) for name in job.names]
        self.maker.make_leased([one for one in wanted if one], job.owner)

    def _want(self, image: str, bucket: str, size: str, **options: Any) -> Wanted:
        spec = parse_spec(size, self.settings.aliases, options)
        return self._name(image, bucket, spec)

    def _name(self, image: str, bucket: str, spec: Spec) -> Wanted:
        if spec.format and spec.format == own_format(image):
            spec = replace(spec, format=None)  # so that what is the same has one name
        name = self.places.thumbnail_name(bucket, image, spec)
        return Wanted(image, bucket, spec, name, self.key(bucket, name))

    def _make_now(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        outcomes = self.maker.obtain(wanted)
        return [self._show(one, outcome) for one, outcome in zip(wanted, outcomes, strict=True)]

    def _make_when_asked(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        return [
            ThumbnailUrl(self.signer.url(one.bucket, one.name), one.spec.exact_size)
            for one in wanted
        ]

    def _make_later(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        owner = new_owner()
        mine = [one.name for one in wanted if self.memory.acquire(one.key, owner)]
        if mine:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
            try:
                self._queue.put(app, Job(wanted[0].bucket, mine, owner))
            except Exception as error:  # noqa: BLE001 - no queue, however dead, breaks a page
                # The leases stay: a page asks again when they end, and not at every thumbnail.
                log.warning("the queue refuses thumbnails of %r: %r", wanted[0].image, error)
        return [self._placeholder(one) for one in wanted]

    def _show(self, wanted: Wanted, outcome: Outcome) -> ThumbnailUrl:
        if not isinstance(outcome, Failure):
            return ThumbnailUrl(self.places.thumbnail_url(wanted.bucket, wanted.name), outcome)
        match self.settings.on_error:
            case "placeholder":
                return self._placeholder(wanted)
            case "original":
                return self._original(wanted, None)
            case "raise":
                raise outcome.error()
            case "empty":
                return ThumbnailUrl("", stands_in=True)

    def _placeholder(self, wanted: Wanted) -> ThumbnailUrl:
        placeholder = self.settings.placeholder
        if placeholder == "svg":
            size = wanted.spec.box
            return ThumbnailUrl(svg_url(size), size, stands_in=True)
        if placeholder == "original":
            return self._original(wanted, wanted.spec.exact_size)
        return ThumbnailUrl(placeholder, wanted.spec.exact_size, stands_in=True)

    def _original(self, wanted: Wanted, size: Size | None) -> ThumbnailUrl:
        url = ""
        if wanted.image:
            try:
                url = self.places.original_url(wanted.bucket, wanted.image)
            except ValueError as error:  # a name that no object can have, such as '../a.jpg'
                log.warning("no URL of the original %r: %s", wanted.image, error)
        return ThumbnailUrl(url, size, stands_in=True)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
