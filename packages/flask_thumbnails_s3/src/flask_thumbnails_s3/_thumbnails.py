"""The thumbnails of one app: what the filter, the route, the queue and the commands ask."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask import Flask, current_app

from s3_saver import S3SaverError, UnsafeNameError, check_name

from ._lazy import RouteSigner
from ._maker import Maker, Outcome, Wanted
from ._memory import Failure, Memory, log, new_owner
from ._names import is_svg, own_format
from ._options import Size, Spec, check_image, check_numbers, parse_spec
from ._pictures import Reading
from ._places import Places
from ._queue import Job, Queue
from ._settings import Settings
from ._template import ThumbnailUrl, svg_url
from .exceptions import MissingImageError, OptionError, SourceError, StorageFailedError

_NO_NAME = Failure("MissingImageError", "the name of the image is empty")


class Thumbnails:
    """What one app has in ``app.extensions``."""

    def __init__(
        self, settings: Settings, places: Places, memory: Memory, queue: Queue, static_path: str
    ) -> None:
        self.settings = settings
        self.places = places
        self.memory = memory
        self.maker = Maker(
            places,
            memory,
            reading=Reading(
                max_pixels=settings.max_pixels,
                max_decoded_pixels=settings.max_decoded_pixels,
                extra_formats=settings.extra_formats,
            ),
            max_bytes=settings.max_bytes,
            static_path=static_path,
            media_url=settings.media_url,
        )
        self.signer = RouteSigner(settings.route_expires)
        self._queue = queue
        self._answer_miss = {
            "inline": self._make_now,
            "lazy": self._make_when_asked,
            "queue": self._make_later,
        }[settings.mode]
        # Two sites may share a cache server, but not each other's thumbnails. All machines of one
        # site do so, wherever its folders are on their disks.
        on_s3 = places.thumbnails_prefix, settings.s3_bucket_name, settings.s3_endpoint_url
        self._on_s3, self._on_disk = _digest(repr(on_s3)), _digest(settings.media_thumbnail_folder)
        self._cached_want = lru_cache(maxsize=8192, typed=True)(self._want)

    def want(
        self,
        image: str | None,
        size: str,
        storage_type: str | None,
        bucket_name: str | None,
        /,
        **options: Any,
    ) -> Wanted:
        """Check what a template asks for, and name the thumbnail.

        :raises OptionError: the image is no name, or an option breaks its rule.
        """
        image = check_image(image)
        bucket = self.places.bucket_of(storage_type, bucket_name)
        try:
            return self._cached_want(image, bucket, size, **options)
        except TypeError:  # a value cannot be hashed: the check says which
            return self._want(image, bucket, size, **options)

    def want_scaled(
        self,
        base: Wanted,
        densities: Sequence[float] | None = None,
        widths: Sequence[int] | None = None,
    ) -> dict[str, Wanted]:
        """Return what a srcset offers, by descriptor such as ``'2x'`` or ``'640w'``.

        :raises OptionError: both are given, they are no numbers, or one gives a size that cannot
            be.
        """
        if densities is not None and widths is not None:
            raise OptionError("srcset takes densities or widths, not both")
        if widths is None:
            numbers = check_numbers("densities", densities or (1, 2))
            factors = {f"{density:g}x": density for density in numbers}
        elif base.spec.width:
            numbers = check_numbers("widths", widths)
            factors = {f"{width}w": width / base.spec.width for width in numbers}
        else:
            raise OptionError(
                f"size {base.spec.size!r}: widths need a size that has one, as '400x300'"
            )
        return {
            descriptor: self._name(base.image, base.bucket, base.spec.scaled(factor))
            for descriptor, factor in factors.items()
        }

    def want_named(self, name: str, bucket: str) -> Wanted | None:
        """Return the thumbnail of that name of an original in that bucket, if it can be one."""
        original = self.places.original_of(name, bucket)
        if not original or original[0] != bucket:
            return None
        return self._wanted(original[1], bucket, original[2], name)

    def key(self, bucket: str, name: str) -> str:
        """Return the key by which the cache knows a thumbnail; memcached takes 250 characters.

        :param bucket: any, or ``''`` for the disk: the thumbnails of all buckets are in one.
        """
        return f"thumbnail.{self._on_s3 if bucket else self._on_disk}.{_digest(name)}"

    def urls(self, wanted: Sequence[Wanted]) -> dict[Wanted, ThumbnailUrl]:
        """Return what a page shows for thumbnails of one image: known ones at once, the others as
        the mode says.
        """
        urls, missing = {}, []
        for one in dict.fromkeys(wanted):
            if not one.to_make:
                urls[one] = self._show_unmade(one)
            elif known := self.memory.get(one.key):
                urls[one] = self._show(one, known)
            else:
                missing.append(one)
        if missing:
            urls.update(zip(missing, self._answer_miss(missing), strict=True))
        return urls

    def url(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what :meth:`urls` does, of a single one: most pages ask for these only."""
        if not wanted.to_make:
            return self._show_unmade(wanted)
        known = self.memory.get(wanted.key)
        return self._show(wanted, known) if known else self._answer_miss([wanted])[0]

    def make_url(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what a page shows, and make it now if it is not known, whatever the mode."""
        if not wanted.to_make:
            return self._show_unmade(wanted)
        known = self.memory.get(wanted.key)
        return self._show(wanted, known) if known else self._make_now([wanted])[0]

    def generate(self, wanted: Sequence[Wanted]) -> list[Failure]:
        """Make those thumbnails of one image that are not in the storage, whatever the cache says.

        :return: why some cannot be made, each reason once; it is not logged. An SVG needs none.
        """
        if not all(one.image for one in wanted):
            return [_NO_NAME]
        to_make = [one for one in wanted if one.to_make]
        self.memory.forget(one.key for one in to_make)
        outcomes = self.maker.obtain(to_make, logs=False)
        return list(dict.fromkeys(one for one in outcomes if isinstance(one, Failure)))

    def run(self, job: Job) -> None:
        """Make what a job asks for."""
        wanted = [self.want_named(name, job.bucket) for name in job.names]
        self.maker.make_leased([one for one in wanted if one and one.to_make], job.owner)

    def _want(self, image: str, bucket: str, size: str, /, **options: Any) -> Wanted:
        spec = parse_spec(size, self.settings.aliases, options)
        return self._name(image, bucket, spec)

    def _name(self, image: str, bucket: str, spec: Spec) -> Wanted:
        if spec.format and spec.format == own_format(image):
            spec = replace(spec, format=None)  # so that what is the same has one name
        return self._wanted(image, bucket, spec, self.places.thumbnail_name(bucket, image, spec))

    def _wanted(self, image: str, bucket_name: str, spec: Spec, name: str) -> Wanted:
        to_make = bool(image) and not (is_svg(image) and _is_safe(image))
        return Wanted(image, bucket_name, spec, name, self.key(bucket_name, name), to_make)

    def _make_now(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        if reason := self.maker.why_left_alone(wanted[0].bucket):
            failure = self._fail(wanted[0], StorageFailedError(reason))
            return [self._show(one, failure) for one in wanted]
        outcomes = self.maker.obtain(wanted)
        return [self._show(one, outcome) for one, outcome in zip(wanted, outcomes, strict=True)]

    def _make_when_asked(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        return [self._route_url(one) for one in wanted]

    def _route_url(self, wanted: Wanted) -> ThumbnailUrl:
        try:
            url = self.signer.url(wanted.bucket, wanted.name)
        except UnicodeEncodeError as error:
            missing = MissingImageError(f"no URL can have such a name: {error}")
            return self._show(wanted, self._fail(wanted, missing))
        return ThumbnailUrl(url, wanted.spec.exact_size)

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
            try:
                return ThumbnailUrl(self.places.thumbnail_url(wanted.bucket, wanted.name), outcome)
            except S3SaverError as error:  # no credentials to sign with
                outcome = self._fail(wanted, StorageFailedError(str(error)))
        match self.settings.on_error:
            case "placeholder":
                return self._placeholder(wanted)
            case "original":
                return self._original(wanted, None)
            case "raise":
                raise outcome.error()
            case "empty":
                return ThumbnailUrl("", stands_in=True)

    def _fail(self, wanted: Wanted, error: SourceError) -> Failure:
        return self.maker.log_failure(wanted, Failure.of(error))

    def _show_unmade(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what a page shows where there is nothing to make."""
        if not wanted.image:
            return self._show(wanted, _NO_NAME)
        if self.settings.svg == "placeholder":
            return self._placeholder(wanted)
        spec = wanted.spec
        try:
            url = self.places.original_url(wanted.bucket, wanted.image)
        except S3SaverError as error:  # no credentials to sign with
            return self._show(wanted, self._fail(wanted, StorageFailedError(str(error))))
        return ThumbnailUrl(url, (spec.width, spec.height))

    def _placeholder(self, wanted: Wanted) -> ThumbnailUrl:
        placeholder = self.settings.placeholder
        if placeholder == "svg":
            return svg_url(wanted.spec.box)
        if placeholder == "original":
            return self._original(wanted, wanted.spec.exact_size)
        return ThumbnailUrl(placeholder, wanted.spec.exact_size, stands_in=True)

    def _original(self, wanted: Wanted, size: Size | None) -> ThumbnailUrl:
        url = ""
        if wanted.image:
            try:
                url = self.places.original_url(wanted.bucket, wanted.image)
            # A name that no object can have, such as '../a.jpg', or no credentials to sign with.
            except (ValueError, S3SaverError) as error:
                log.warning("no URL of the original %r: %s", wanted.image, error)
        return ThumbnailUrl(url, size, stands_in=True)


def _is_safe(image: str) -> bool:
    try:
        check_name(image)
    except UnsafeNameError:
        return False
    return True


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
