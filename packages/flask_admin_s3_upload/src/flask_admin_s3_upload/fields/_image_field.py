"""The field of one picture: verified, resized, with a thumbnail."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from .._flask_admin import ImageUploadField, thumbgen_filename
from ._file_field import S3FileUploadField
from .checking._outputs import PictureOutputs
from .checking._picture_options import PictureOptions, Size
from .finding._options import named
from .showing._widgets import S3ImageUploadInput

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
        *url_relative_path* is that of files in the static folder; others have a link for those who
        may open the view.
    :param allowed_extensions: by default those of GIF, JPEG, PNG, TIFF, WebP and AVIF. ``bmp``,
        ``jp2`` and ``ppm`` can be listed, too, and ``heic`` with the extra ``heic``.
    :param formats: the formats that pictures keep, some of PNG, WEBP, AVIF and GIF; others become
        JPEG. By default, what the class says as *keep_image_formats*.
    :param max_pixels: the most that width times height of a JPEG may be, known before anything is
        decoded. Other formats take more memory: they may have as many if that is not more than
        :class:`untrusted_files.pictures.Limits` allows; above its defaults, both limits grow alike.
    :param max_bytes: the largest upload.
    :param file_options: those of :class:`S3FileUploadField`.
    """

    widget = S3ImageUploadInput()

    shows_sizes = False

    #: Flask-Admin's way to say *formats*, in a subclass.
    keep_image_formats: Sequence[str] = ("PNG", "WEBP", "AVIF", "GIF")

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] | None = None,
        max_size: Size | None = None,
        thumbgen: Callable[[str], str] | None = None,
        thumbnail_size: Size | None = None,
        url_relative_path: str | None = None,
        endpoint: str | None = "static",
        *,
        allowed_extensions: Sequence[str] | None = None,
        formats: Sequence[str] | None = None,
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
        with named(type(self), self.short_name):
            self.picture_options = PictureOptions(
                max_size=max_size,
                thumbgen=thumbgen_filename if thumbgen is None else thumbgen,
                thumbnail_size=thumbnail_size,
                max_pixels=max_pixels,
                formats=self.keep_image_formats if formats is None else formats,
            )
        self._hold(PictureOutputs(self.picture_options))
