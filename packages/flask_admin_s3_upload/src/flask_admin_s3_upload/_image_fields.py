"""The field of one picture: verified, resized, with a thumbnail."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

from werkzeug.datastructures import FileStorage

from ._checks import Output
from ._fields import S3FileUploadField
from ._flask_admin import ImageUploadField, thumbgen_filename
from ._options import check_picture_options
from ._widgets import S3ImageUploadInput


class S3ImageUploadField(S3FileUploadField, ImageUploadField):  # type: ignore[misc]
    """Flask-Admin's image upload field, for pictures on disk and on S3.

    Needs Pillow: ``pip install 'flask-admin-s3-upload[images]'``.

    :param max_size: width and height in pixels that a larger picture is resized to, and whether to
        crop it to just these or to fit it within them.
    :param thumbgen: ``thumbgen(filename)`` gives the thumbnail's name.
    :param thumbnail_size: as *max_size*; without it there is no thumbnail.
    :param url_relative_path: stands before names in URLs of *endpoint*.
    :param endpoint: serves files on disk.
    :param allowed_extensions: by default those of gif, jpg, png, tiff, webp and avif.
    :param max_pixels: the most that width times height may be; known before anything is decoded.
    :param max_bytes: the largest upload.
    :param file_options: those of :class:`S3FileUploadField`.
    """

    widget = S3ImageUploadInput()

    shows_sizes = False

    #: Formats that pictures keep; others become JPEG.
    keep_image_formats: tuple[str, ...] = ("PNG", "WEBP", "AVIF")

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
            allowed_extensions=allowed_extensions
            or ("gif", "jpg", "jpeg", "png", "tiff", "webp", "avif"),
            max_bytes=max_bytes,
            **file_options,
        )
        self.max_size = max_size
        self.thumbnail_fn = thumbgen or thumbgen_filename
        self.thumbnail_size = thumbnail_size
        self.max_pixels = max_pixels
        self._images: dict[FileStorage, Any] = {}
        check_picture_options(self, thumbgen=thumbgen)

    def check_content(self, upload: FileStorage) -> None:
        self.image = self._open(upload)

    def _open(self, upload: FileStorage) -> Any:
        from ._image import open_image

        if upload not in self._images:
            name = self._chosen_names.get(upload, upload.filename or "")
            self._images[upload] = open_image(upload.stream, name, self.max_pixels)
        return self._images[upload]

    def outputs(self, upload: FileStorage, filename: str) -> list[Output]:
        from ._image import choose_format, encode

        image = self._open(upload)
        name, format = choose_format(filename, image, self.keep_image_formats)
        keep = image.format == format and not self.max_size
        main = partial(encode, image, format, self.max_size)
        outputs = [Output(name, (lambda: upload.stream) if keep else main)]
        if self.thumbnail_size:
            thumbnail = partial(encode, image, format, self.thumbnail_size)
            outputs.append(Output(self.thumbnail_fn(name), thumbnail))
        return outputs

    def names_of_file(self, name: str) -> list[str]:
        return [name, self.thumbnail_fn(name)]

    def preview_name(self, name: str) -> str:
        return self.thumbnail_fn(name) if self.thumbnail_size else name
