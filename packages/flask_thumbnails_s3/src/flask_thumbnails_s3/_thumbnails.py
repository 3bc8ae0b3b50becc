"""The thumbnails of one app: what the filter, the route, the queue and the commands ask."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask import Flask, current_app

from s3_saver import ArgumentError, NotConfiguredError, S3SaverError, UnsafeNameError, check_name

from ._image_files import ImageFiles
from ._maker import Maker, Outcome, Wanted
from ._memory import Memory, log, new_owner
from ._misnamed import explain
from ._names import is_svg, own_format
from ._options import Size, Spec, check_image, check_numbers, parse_spec
from ._outcomes import Failure
from ._pictures import Reading
from ._queue import Job, Queue
from ._settings import Settings
from ._signing import Purpose, RouteSigner
from ._template import ThumbnailUrl, svg_url
from .exceptions import MissingImageError, OptionError, SourceError, StorageFailedError

_NO_NAME = Failure("MissingImageError", "the name of the image is empty")


class Thumbnails:
    """What one app has in ``app.extensions``."""

    def __init__(
        self, settings: Settings, files: ImageFiles, memory: Memory, queue: Queue, static_path: str
    ) -> None:
        self.settings = settings
        self.files = files
        self.memory = memory
        self.maker = Maker(
            files,
            memory,
            reading=Reading(
                max_pixels=settings.max_pixels,
                max_decoded_pixels=settings.max_decoded_pixels,
                extra_formats=settings.extra_formats,
            ),
            max_bytes=settings.max_bytes,
        )
        self.signer = RouteSigner(Purpose.MAKE, settings.route_expires)
        self._queue = queue
        self._answer_miss = {
            "inline": self._make_now,
            "lazy": self._make_when_asked,
            "queue": self._make_later,
        }[settings.mode]
        # Two sites may share a cache server, but not each other's thumbnails. All machines of one
        # site do so, wherever its folders are on their disks.
        s3, folders = settings.s3, settings.folders
        on_s3 = folders.thumbnails_prefix, s3.bucket_name, s3.endpoint_url
        self._on_s3, self._on_disk = _digest(repr(on_s3)), _digest(folders.thumbnails)
        self._urls = static_path, folders.originals_path or ""
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

        :raises OptionError: an argument is no name, or an option breaks its rule.
        """
        image = check_image(image)
        try:
            bucket_name = self.files.bucket_of(storage_type, bucket_name)
        except NotConfiguredError as error:
            spec = parse_spec(size, self.settings.aliases, options)
            name = self.files.thumbnail_name("", image, spec)
            refusal = Failure.of(StorageFailedError(str(error)))
            return Wanted(image, "", spec, name, self.key("s3", name), False, refusal)
        try:
            return self._cached_want(image, bucket_name, size, **options)
        except TypeError:  # a value cannot be hashed: the check says which
            return self._want(image, bucket_name, size, **options)

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
        return {descriptor: self._scaled(base, factor) for descriptor, factor in factors.items()}

    def want_named(self, name: str, bucket_name: str) -> Wanted | None:
        """Return the thumbnail of that name of an original in that bucket, if it can be one."""
        original = self.files.original_of(name, bucket_name)
        if not original or original[0] != bucket_name:
            return None
        return self._wanted(original[1], bucket_name, original[2], name)

    def key(self, bucket_name: str, name: str) -> str:
        """Return the key by which the cache knows a thumbnail; memcached takes 250 characters.

        :param bucket_name: any, or ``''`` for the disk: the thumbnails of all buckets are in one.
        """
        return f"thumbnail.{self._on_s3 if bucket_name else self._on_disk}.{_digest(name)}"

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
        if refused := [one.refusal for one in wanted if one.refusal]:
            return refused[:1]
        to_make = [one for one in wanted if one.to_make]
        self.memory.forget(one.key for one in to_make)
        outcomes = self.maker.obtain(to_make, logs=False)
        return list(dict.fromkeys(one for one in outcomes if isinstance(one, Failure)))

    def run(self, job: Job) -> None:
        """Make what a job asks for."""
        wanted = [self.want_named(name, job.bucket_name) for name in job.names]
        self.maker.make_leased([one for one in wanted if one and one.to_make], job.owner)

    def _want(self, image: str, bucket_name: str, size: str, /, **options: Any) -> Wanted:
        spec = parse_spec(size, self.settings.aliases, options)
        return self._name(image, bucket_name, spec)

    def _scaled(self, base: Wanted, factor: float) -> Wanted:
        scaled = self._name(base.image, base.bucket_name, base.spec.scaled(factor))
        return scaled._replace(to_make=False, refusal=base.refusal) if base.refusal else scaled

    def _name(self, image: str, bucket_name: str, spec: Spec) -> Wanted:
        if spec.format and spec.format == own_format(image):
            spec = replace(spec, format=None)  # so that what is the same has one name
        name = self.files.thumbnail_name(bucket_name, image, spec)
        return self._wanted(image, bucket_name, spec, name)

    def _wanted(self, image: str, bucket_name: str, spec: Spec, name: str) -> Wanted:
        refusal = self._refusal(image, bucket_name)
        to_make = not (refusal or is_svg(image))
        return Wanted(image, bucket_name, spec, name, self.key(bucket_name, name), to_make, refusal)

    def _refusal(self, image: str, bucket_name: str) -> Failure | None:
        """Return why there can be no such thumbnail: known before anything is signed or asked."""
        if not image:
            return _NO_NAME
        try:
            check_name(image)
            self.files.require(bucket_name)
        except UnsafeNameError as error:
            advice = explain(image, *self._urls)
            reason = f"{image!r}: {advice}" if advice else str(error)
            return Failure.of(MissingImageError(reason))
        except (NotConfiguredError, ArgumentError) as error:  # or no bucket can have that name
            return Failure.of(StorageFailedError(str(error)))
        return None

    def _make_now(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        if reason := self.maker.why_left_alone(wanted[0].bucket_name):
            failure = self._fail(wanted[0], StorageFailedError(reason))
            return [self._show(one, failure) for one in wanted]
        outcomes = self.maker.obtain(wanted)
        return [self._show(one, outcome) for one, outcome in zip(wanted, outcomes, strict=True)]

    def _make_when_asked(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        return [self._route_url(one) for one in wanted]

    def _route_url(self, wanted: Wanted) -> ThumbnailUrl:
        url = self.signer.url(wanted.name, wanted.bucket_name)
        return ThumbnailUrl(url, wanted.spec.exact_size)

    def _make_later(self, wanted: Sequence[Wanted]) -> list[ThumbnailUrl]:
        owner = new_owner()
        mine = [one.name for one in wanted if self.memory.acquire(one.key, owner)]
        if mine:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
            try:
                self._queue.put(app, Job(wanted[0].bucket_name, mine, owner))
            except Exception as error:  # noqa: BLE001 - no queue, however dead, breaks a page
                # The leases stay: a page asks again when they end, and not at every thumbnail.
                log.warning("the queue refuses thumbnails of %r: %r", wanted[0].image, error)
        return [self._placeholder(one) for one in wanted]

    def _show(self, wanted: Wanted, outcome: Outcome) -> ThumbnailUrl:
        if not isinstance(outcome, Failure):
            try:
                return ThumbnailUrl(
                    self.files.thumbnail_url(wanted.bucket_name, wanted.name), outcome
                )
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
        if wanted.refusal:
            if wanted.image:
                self.maker.log_failure(wanted, wanted.refusal)
            return self._show(wanted, wanted.refusal)
        if self.settings.svg == "placeholder":
            return self._placeholder(wanted)
        spec = wanted.spec
        try:
            url = self.files.original_url(wanted.bucket_name, wanted.image)
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
        if not wanted.refusal:
            try:
                url = self.files.original_url(wanted.bucket_name, wanted.image)
            except S3SaverError as error:  # no credentials to sign with, or it is pending
                log.warning("no URL of the original %r: %s", wanted.image, error)
        return ThumbnailUrl(url, size, stands_in=True)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
