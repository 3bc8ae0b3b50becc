"""Thumbnail, the Flask extension."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cachelib import BaseCache
from flask import Flask
from markupsafe import Markup

from s3_saver import StoredFile

from ._cli import commands
from ._deletes import delete_thumbnails, find_orphans, find_thumbnails
from ._picture import make_picture
from ._setup import check_app, make_state
from ._state import current_state
from .background._queue import EXTENSION, Queue, check_queue
from .background._threads import ThreadQueue
from .exceptions import ConfigError
from .memory._memory import check_cache
from .naming._arguments import split_specs
from .naming._source import Source, read_source
from .pictures._hooks import Hooks, Processor, SourceFunction
from .serving import _lazy, _ready, _sending
from .storing._layout import StorageFor
from .storing._stores import Originals
from .templates._template import ThumbnailUrl, join_srcset

#: An image's name, the StoredFile of its row, or nothing.
Image = str | StoredFile | None


class Thumbnail:
    """Adds to an app the template filters ``thumbnail``, ``thumbnail_srcset`` and
    ``thumbnail_picture``, the function ``thumbnail_script``, and the commands ``flask thumbnails``.

    One instance may serve many apps; each has its own settings, cache and storages. What a
    deployment decides is in ``app.config``; the README lists the keys.

    :param app: an app to serve at once; or call :meth:`init_app`.
    :param cache: a cachelib cache for all apps, instead of each one's ``THUMBNAIL_CACHE``.
    :param queue: where the work goes in the mode ``queue``; by default a :class:`ThreadQueue`.
    :param storage_for: returns the storage of a folder, for files that are neither on this disk nor
        in a bucket that the settings reach. It is called with the folder's path and ``''``, or
        with a prefix in a bucket, such as ``'static/uploads'``, and the bucket's name.
    :param originals: what keeps the originals, in place of the settings ``MEDIA_…`` and of those
        that say where S3 is: an ``Uploads``, or any object that has ``.storages``; or a list of
        them, of which the first has the images that templates name by a str. Thumbnails go with
        their original when it is deleted or replaced through these storages.
    :param sources: by content type, such as ``'application/pdf'`` or ``'video/*'``, a function that
        is called with the open file and returns a picture of it, as bytes or as a stream. The type
        is that of the bytes, whatever the file is called.
    :param processors: by name, a function that is called with a PIL image, RGB or RGBA, the
        thumbnail, and returns another of its size. The option ``processors=['gray']``, or an
        alias, names them.
    :raises ConfigError: *cache* is no cache, *queue* no queue, *storage_for* no function, or
        *originals* comes with *storage_for*.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        cache: BaseCache | None = None,
        queue: Queue | None = None,
        storage_for: StorageFor | None = None,
        originals: Originals | Sequence[Originals] | None = None,
        sources: Mapping[str, SourceFunction] | None = None,
        processors: Mapping[str, Processor] | None = None,
    ) -> None:
        self._cache = cache if cache is None else check_cache(cache)
        self._queue = ThreadQueue() if queue is None else check_queue(queue)
        if storage_for is not None and not callable(storage_for):
            raise ConfigError(
                "storage_for must be a function of folder and bucket that returns a storage, such "
                f"as lambda folder, bucket: S3Storage(bucket, prefix=folder), got {storage_for!r}"
            )
        if storage_for is not None and originals is not None:
            raise ConfigError(
                "storage_for and originals both say where images are: pass originals alone, whose "
                "storages may be of any kind"
            )
        self._storage_for = storage_for
        self._originals = originals
        self._hooks = Hooks(
            {} if sources is None else sources, {} if processors is None else processors
        )
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Serve an app.

        :raises ConfigError: one of its settings is missing or wrong, it is no Flask app, it is
            served already, or what keeps the originals does not serve it yet.
        """
        check_app(app)
        state = make_state(
            app,
            cache=self._cache,
            queue=self._queue,
            storage_for=self._storage_for,
            originals=self._originals,
            hooks=self._hooks,
        )
        app.extensions[EXTENSION] = state
        settings = state.first.settings
        if settings.mode == "queue":
            self._queue.init_app(app)
        for routes in (_lazy, _ready, _sending):
            routes.add_routes(app, settings)
        app.cli.add_command(commands)
        for name, function in {
            "thumbnail": self.thumbnail,
            "thumbnail_srcset": self.srcset,
            "thumbnail_picture": self.picture,
        }.items():
            app.jinja_env.filters[name] = app.jinja_env.globals[name] = function
        app.jinja_env.globals["thumbnail_script"] = _ready.script_tag

    def thumbnail(
        self,
        img_url: Image,
        size: str,
        crop: str | None = None,
        bg: str | tuple[int, int, int] | None = None,
        quality: int | None = None,
        storage_type: str | None = None,
        bucket_name: str | None = None,
        **options: Any,
    ) -> ThumbnailUrl:
        """Return the URL of a thumbnail, or of what stands in for it. The filter ``thumbnail``.

        :param img_url: the StoredFile of a row, or the image's name below ``MEDIA_FOLDER``. Of an
            SVG, its own URL is returned, with the size that is asked for, or what
            ``THUMBNAIL_SVG`` says.
        :param size: ``'200x100'``, ``'200x'``, ``'x100'``, or a key of ``THUMBNAIL_ALIASES``.
        :param crop: what to keep where the size's shape is another than the image's: ``'fit'`` for
            the middle, ``'top'``, ``'bottom-left'`` and so on, ``'smart'`` for where there is most
            to see, or the place that matters, such as ``'30%,40%'`` from left and top. The
            thumbnail has exactly that size then. ``None`` keeps all and makes it fit inside.
        :param bg: a color that pads to exactly that size, and lies behind what is transparent: a
            name, ``'#rrggbb'``, or a tuple of numbers from 0 to 255.
        :param quality: of JPEG, WebP and AVIF, 1 to 100; 85, 80 and 70 by default, which look
            about the same.
        :param storage_type: where image and thumbnail are: ``'s3'``, or ``''`` for the disk;
            ``None`` for what the settings say.
        :param bucket_name: the image's bucket; ``S3_BUCKET_NAME`` by default. Of another one than
            that and ``S3_ALLOWED_BUCKETS`` there are no thumbnails.
        :param options: ``upscale=True`` enlarges an image that is smaller than its size;
            ``format`` is ``'jpeg'``, ``'png'``, ``'webp'`` or ``'avif'``, or ``None`` for the
            image's own; ``processors`` are names of functions that the app has for it.
        :raises OptionError: an option is not known, or a value breaks its rule.
        :raises SourceError: there can be none, and ``THUMBNAIL_ON_ERROR`` is ``'raise'``.
        """
        state, source = current_state(), read_source(img_url, storage_type, bucket_name)
        wanted = state.want(source, size, crop=crop, bg=bg, quality=quality, **options)
        return state.of(source).url(wanted)

    def srcset(
        self,
        image: Image,
        size: str,
        *,
        densities: Sequence[float] | None = None,
        widths: Sequence[int] | None = None,
        storage_type: str | None = None,
        bucket_name: str | None = None,
        **options: Any,
    ) -> str:
        """Return the value of a ``srcset`` attribute. The filter ``thumbnail_srcset``.

        :param size: at density 1; with *widths*, what gives the shape.
        :param densities: pixels a point; ``(1, 2)`` by default.
        :param widths: in pixels, instead of densities.
        :param options: as of :meth:`thumbnail`.
        """
        state, source = current_state(), read_source(image, storage_type, bucket_name)
        thumbnails = state.of(source)
        base = state.want(source, size, **options)
        candidates = thumbnails.wants.scaled(base, densities, widths)
        urls = thumbnails.urls(list(candidates.values()))
        return join_srcset((urls[one], descriptor) for descriptor, one in candidates.items())

    def picture(
        self,
        image: Image,
        size: str,
        *,
        formats: Sequence[str] = ("avif", "webp"),
        densities: Sequence[float] | None = None,
        widths: Sequence[int] | None = None,
        sizes: str | None = None,
        media: Mapping[str, str | Mapping[str, Any]] | None = None,
        attrs: Mapping[str, Any] | None = None,
        storage_type: str | None = None,
        bucket_name: str | None = None,
        **options: Any,
    ) -> Markup:
        """Return a ``<picture>`` element. The filter ``thumbnail_picture``.

        The image is fetched once for all that is new in it. What is not ready yet is left out.

        :param formats: that a browser may take instead of that of the ``<img>``, best first.
        :param densities: pixels a point; ``(1, 2)`` by default.
        :param widths: in pixels, instead of densities.
        :param sizes: with widths, how wide the picture is on the page; ``'100vw'`` by default.
        :param media: by query, the size that the picture has there, or a dict of size and options
            that differ: ``{'(max-width: 600px)': {'size': '400x400', 'crop': 'fit'}}``.
        :param attrs: of the ``<img>``: ``{'alt': ..., 'class': ...}``. ``True`` stands for an
            attribute without a value, ``None`` and ``False`` for none.
        :param options: as of :meth:`thumbnail`; ``format`` is that of the ``<img>``.
        :raises OptionError: an option is not known, or a value breaks its rule.
        """
        scale = {"densities": densities, "widths": widths, "sizes": sizes}
        return make_picture(
            current_state(),
            read_source(image, storage_type, bucket_name),
            size,
            formats=formats,
            media=media,
            attrs=attrs,
            options={**options, **{name: one for name, one in scale.items() if one is not None}},
        )

    def generate(
        self,
        image: Image,
        specs: Iterable[str | Mapping[str, Any]],
        *,
        storage_type: str | None = None,
        bucket_name: str | None = None,
    ) -> list[str]:
        """Make thumbnails now, such as after an upload; the image is fetched once.

        Those that are in the storage already, and newer than the image, are left alone. An SVG
        needs none.

        :param specs: sizes, aliases, or dicts of the arguments of :meth:`thumbnail`.
        :return: the thumbnails' names below ``MEDIA_THUMBNAIL_FOLDER``.
        :raises SourceError: one cannot be made, whatever ``THUMBNAIL_ON_ERROR`` says.
        """
        state, source = current_state(), read_source(image, storage_type, bucket_name)
        wanted = [state.want(source, size, **options) for size, options in split_specs(specs)]
        for failure in state.of(source).generate(wanted):
            raise failure.error()
        return [one.name for one in wanted if one.to_make]

    def delete(
        self, image: Image, *, storage_type: str | None = None, bucket_name: str | None = None
    ) -> list[str]:
        """Delete all thumbnails of an image, and none of another's.

        Call it when the image is deleted, or replaced under its name, otherwise than through the
        storages of ``originals=``. Processes that don't share a cache go on showing the old URLs
        until ``THUMBNAIL_CACHE_TIMEOUT``; on disk, the thumbnails are made again behind them.

        :return: the thumbnails' names.
        :raises StorageFailedError: the app has no such store.
        :raises s3_saver.S3SaverError: the storage refuses, or does not answer.
        """
        source = read_source(image, storage_type, bucket_name)
        thumbnails = current_state().require(source)
        bucket = thumbnails.files.bucket_of(source.storage_type, source.bucket_name)
        names = find_thumbnails(thumbnails, source.name, bucket)
        delete_thumbnails(thumbnails, names, bucket)
        return names

    def prune(
        self,
        *,
        dry_run: bool = False,
        force: bool = False,
        storage_type: str | None = None,
        bucket_name: str | None = None,
        store: str | None = None,
    ) -> list[str]:
        """Delete all thumbnails whose image is gone.

        :param dry_run: only return them.
        :param force: even if there is no image left at all.
        :param store: of the originals, where there are several; by default, the first.
        :return: their names.
        :raises PruneRefusedError: there is none, and *force* is not given; nothing is deleted.
        :raises StorageFailedError: the app has no such store.
        :raises s3_saver.S3SaverError: the storage refuses, or does not answer.
        """
        source = Source("", storage_type, bucket_name, store)
        thumbnails = current_state().require(source)
        bucket = thumbnails.files.bucket_of(storage_type, bucket_name)
        names = find_orphans(thumbnails, bucket, force=force)
        if not dry_run:
            delete_thumbnails(thumbnails, names, bucket)
        return names
