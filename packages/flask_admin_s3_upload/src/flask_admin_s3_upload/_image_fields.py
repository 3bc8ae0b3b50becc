"""The field of one picture: verified, resized, with a thumbnail."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage

from ._checks import Output, refused
from ._fields import S3FileUploadField
from ._flask_admin import ImageUploadField, thumbgen_filename
from ._options import check_picture_options, named
from ._widgets import S3ImageUploadInput

if TYPE_CHECKING:
    from untrusted_files.pictures import Picture

_EXTENSIONS = ("gif", "jpg", "jpeg", "jfif", "png", "tiff", "tif", "webp", "avif")


class S3ImageUploadField(S3FileUploadField, ImageUploadField):  # type: ignore[misc]
    """Flask-Admin's image upload field, for pictures on disk and on S3.

    Needs Pillow: ``pip install 'flask-admin-s3-upload[images]'``.

    A picture is decoded before it is stored, and refused if it is damaged. What is made of it, the
    thumbnail and a picture that is larger than *max_size*, is upright, in sRGB or gray, and without
    any metadata; an animation keeps its frames if its format is kept. A picture that need not be
    made smaller keeps its bytes.

    :param max_size: width and height in pixels that a larger picture is resized to, and whether to
        crop it to just these or to fit it within them.
    :param thumbgen: ``thumbgen(filename)`` returns the thumbnail's name.
    :param thumbnail_size: as *max_size*; without it there is no thumbnail.
    :param url_relative_path: stands before names in URLs of *endpoint*.
    :param endpoint: the name of a route that serves files on disk. ``'static'`` without
        *url_relative_path* is that of files in the static folder; others have no preview then.
    :param allowed_extensions: by default those of GIF, JPEG, PNG, TIFF, WebP and AVIF. ``bmp``,
        ``jp2`` and ``ppm`` can be listed, too, and ``heic`` with the extra ``heic``.
    :param max_pixels: the most that width times height of a JPEG may be, known before anything is
        decoded. Other formats take more memory: they may have as many if that is not more than
        :class:`untrusted_files.pictures.Limits` allows; above its defaults, both limits grow alike.
    :param max_bytes: the largest upload.
    :param file_options: those of :class:`S3FileUploadField`.
    """

    widget = S3ImageUploadInput()

    shows_sizes = False

    #: Formats that pictures keep, some of PNG, WEBP, AVIF and GIF; others become JPEG.
    keep_image_formats: tuple[str, ...] = ("PNG", "WEBP", "AVIF", "GIF")

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] | None = None,
        max_size: tuple[int, int, bool] | None = None,
        thumbgen: Callable[[str], str] | None = None,
        thumbnail_size: tuple[int, int, bool] | None = None,
        url_relative_path: str | None = None,
        endpoint: str | None = "static",
        *,
        allowed_extensions: Sequence[str] | None = None,
        max_pixels: int = 50_000_000,
        max_bytes: int | None = 50_000_000,
        **file_options: Any,
    ) -> None:
        if find_spec("PIL") is None:
            raise ImportError(
                f"{type(self).__name__} needs Pillow: pip install 'flask-admin-s3-upload[images]'"
            )
        super().__init__(
            label,
            validators,
            url_relative_path=url_relative_path,
            endpoint=endpoint,
            allowed_extensions=allowed_extensions or _EXTENSIONS,
            max_bytes=max_bytes,
            **file_options,
        )
        self.max_size = max_size
        self.thumbnail_fn = thumbgen or thumbgen_filename
        self.thumbnail_size = thumbnail_size
        self.max_pixels = max_pixels
        self._opened: tuple[FileStorage, Picture] | None = None
        self._checked: set[FileStorage] = set()
        with named(type(self), self.short_name):
            check_picture_options(
                max_size=max_size,
                thumbnail_size=thumbnail_size,
                max_pixels=max_pixels,
                thumbgen=thumbgen,
                keep_image_formats=self.keep_image_formats,
            )

    def check_content(self, upload: FileStorage, name: str) -> None:
        if upload not in self._checked:
            with refused(name):
                self._open(upload).check()
            self._checked.add(upload)
        super().check_content(upload, name)

    def _open(self, upload: FileStorage) -> "Picture":
        """Open a picture, or return it if it was the last one. Its pixels take much memory, so no
        more than one is kept.
        """
        from untrusted_files.pictures import Limits, open_picture

        if self._opened is None or self._opened[0] is not upload:
            limits = Limits.of_pixels(self.max_pixels)
            self._opened = upload, open_picture(upload.stream, limits=limits)
        return self._opened[1]

    def outputs(self, upload: FileStorage, filename: str) -> list[Output]:
        from ._pictures import is_larger, shrink, stored_as

        with refused(filename):
            picture = self._open(upload)
        name, format = stored_as(filename, picture.info.format, self.keep_image_formats)
        keeps_bytes = picture.info.format == format and not is_larger(picture, self.max_size)
        main = partial(shrink, picture, self.max_size, format)
        outputs = [Output(name, (lambda: upload.stream) if keeps_bytes else main)]
        if self.thumbnail_size:
            thumbnail = partial(shrink, picture, self.thumbnail_size, format)
            outputs.append(Output(self.thumbnail_fn(name), thumbnail))
        return outputs

    def names_of_file(self, name: str) -> list[str]:
        return [name, self.thumbnail_fn(name)]

    def preview_name(self, name: str) -> str:
        return self.thumbnail_fn(name) if self.thumbnail_size else name
