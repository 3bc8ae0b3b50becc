"""From what a template asks for to what is wanted: checked, and named."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from s3_saver import ArgumentError, NotConfiguredError, UnsafeNameError, check_name

from .._settings import Settings
from ..exceptions import MissingImageError, OptionError, StorageFailedError
from ..memory._outcomes import Failure
from ..naming._arguments import check_numbers
from ..naming._misnamed import explain
from ..naming._names import is_svg, own_format
from ..naming._options import SMART, Size, Spec, parse_spec
from ..naming._source import Source
from ..pictures._hooks import Hooks
from ..storing._image_files import ImageFiles
from ._wanted import Wanted, preview_key

_NO_NAME = Failure("MissingImageError", "the name of the image is empty")

_EMPTY = blake2b(digest_size=16)

# Crops that name no place, where the focal point of an image's row counts.
_WITHOUT_PLACE = ("fit", SMART)


class Wants:
    """Names thumbnails; what was asked for once is known from then on.

    :param static_path: what the URLs of static files begin with, such as ``'/static'``.
    """

    def __init__(
        self, settings: Settings, files: ImageFiles, hooks: Hooks, static_path: str
    ) -> None:
        self._files = files
        self._hooks = hooks
        self._aliases = settings.aliases
        self._urls = static_path, settings.folders.originals_path or ""
        # Two sites may share a cache server, but not each other's thumbnails.
        self._refused = _site(settings.folders.thumbnails)
        self._sites = lru_cache(maxsize=64)(self._find_site)
        self._cached = lru_cache(maxsize=8192, typed=True)(self._want)

    def want(self, source: Source, size: str, /, **options: Any) -> Wanted:
        """Check what a template asks for, and name the thumbnail.

        :raises OptionError: an argument is no name, or an option breaks its rule.
        """
        try:
            bucket_name = self._files.bucket_of(source.storage_type, source.bucket_name)
        except NotConfiguredError as error:
            return self.refuse(source, size, StorageFailedError(str(error)), **options)
        arguments = source.name, bucket_name, source.size, source.focus, size
        try:
            return self._cached(*arguments, **options)
        except TypeError:  # a value cannot be hashed: the check says which
            return self._want(*arguments, **options)

    def refuse(
        self, source: Source, size: str, error: StorageFailedError, /, **options: Any
    ) -> Wanted:
        """Return a thumbnail that cannot be, as nothing is known of where its image is."""
        spec = parse_spec(size, self._aliases, options)
        name = self._files.thumbnail_name("", source.name, spec)
        key = _key(self._refused, name)
        return Wanted(source.name, "", spec, name, key, False, Failure.of(error), source.size)

    def scaled(
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
        found = {descriptor: self._scaled(base, factor) for descriptor, factor in factors.items()}
        if base.image_size:  # a small original is the same in every larger size
            first = {one.known_size: descriptor for descriptor, one in reversed(found.items())}
            return {
                descriptor: found[descriptor]
                for descriptor in found
                if descriptor in first.values()
            }
        return found

    def named(self, name: str, bucket_name: str) -> Wanted | None:
        """Return the thumbnail of that name of an original in that bucket, if it can be one."""
        original = self._files.original_of(name, bucket_name)
        if not original or original[0] != bucket_name:
            return None
        if not self._hooks.processors.keys() >= set(original[2].processors):
            return None  # of an earlier version, which had others
        return self._wanted(original[1], bucket_name, original[2], name, None)

    def key(self, bucket_name: str, name: str) -> str:
        """Return the key by which the cache knows a thumbnail; memcached takes 250 characters.

        :param bucket_name: of the original, or ``''`` for the disk.
        """
        return _key(self._sites(bucket_name), name)

    def preview_key(self, bucket_name: str, image: str) -> str:
        """Return the key by which the cache knows the small picture of an original."""
        return preview_key(self._sites(bucket_name), bucket_name, image)

    def _find_site(self, bucket_name: str) -> str:
        layout = self._files.layout
        return _site(layout.site(layout.home(bucket_name)))

    def _want(
        self,
        image: str,
        bucket_name: str,
        image_size: Size | None,
        focus: str | None,
        size: str,
        /,
        **options: Any,
    ) -> Wanted:
        spec = parse_spec(size, self._aliases, options)
        self._hooks.check_processors(spec.processors)
        if focus and spec.crop in _WITHOUT_PLACE:
            spec = replace(spec, crop=focus)
        return self._name(image, bucket_name, spec, image_size)

    def _scaled(self, base: Wanted, factor: float) -> Wanted:
        spec = base.spec.scaled(factor)
        scaled = self._name(base.image, base.bucket_name, spec, base.image_size)
        return scaled._replace(to_make=False, refusal=base.refusal) if base.refusal else scaled

    def _name(self, image: str, bucket_name: str, spec: Spec, image_size: Size | None) -> Wanted:
        if spec.format and spec.format == own_format(image):
            spec = replace(spec, format=None)  # so that what is the same has one name
        name = self._files.thumbnail_name(bucket_name, image, spec)
        return self._wanted(image, bucket_name, spec, name, image_size)

    def _wanted(
        self, image: str, bucket_name: str, spec: Spec, name: str, image_size: Size | None
    ) -> Wanted:
        refusal = self._refusal(image, bucket_name)
        key = _key(self._refused, name) if refusal else self.key(bucket_name, name)
        to_make = not (refusal or is_svg(image))
        return Wanted(image, bucket_name, spec, name, key, to_make, refusal, image_size)

    def _refusal(self, image: str, bucket_name: str) -> Failure | None:
        """Return why there can be no such thumbnail: known before anything is signed or asked."""
        if not image:
            return _NO_NAME
        try:
            check_name(image)
            self._files.require(bucket_name)
            self._files.require_checked(bucket_name, image)
        except UnsafeNameError as error:
            advice = explain(image, *self._urls)
            reason = f"{image!r}: {advice}" if advice else str(error)
            return Failure.of(MissingImageError(reason))
        except (NotConfiguredError, ArgumentError) as error:  # or no bucket can have that name
            return Failure.of(StorageFailedError(str(error)))
        return None


def _site(text: str) -> str:
    """Return what the keys of one site begin with."""
    return f"thumbnail.{_digest(text)}"


def _key(site: str, name: str) -> str:
    return f"{site}.{_digest(name)}"


def _digest(text: str) -> str:
    digest = _EMPTY.copy()  # quicker than a new one, and a page may name 50
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
