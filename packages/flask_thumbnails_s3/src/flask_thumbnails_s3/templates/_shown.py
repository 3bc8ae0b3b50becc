"""What a page shows for a thumbnail: its URL, or what stands in for it."""

from s3_saver import S3SaverError

from .._log import log
from .._settings import Settings
from ..exceptions import SourceError, StorageFailedError
from ..making._maker import Maker, Outcome
from ..making._wanted import Wanted
from ..memory._memory import Memory
from ..memory._outcomes import Failure
from ..naming._options import Size
from ..storing._image_files import ImageFiles
from ._template import ThumbnailUrl, blurred_url, svg_url


class Showing:
    """Makes what templates get of what is known of a thumbnail."""

    def __init__(self, settings: Settings, files: ImageFiles, maker: Maker, memory: Memory) -> None:
        self._settings = settings
        self._files = files
        self._maker = maker
        self._memory = memory

    def show(self, wanted: Wanted, outcome: Outcome) -> ThumbnailUrl:
        """Return the URL of a thumbnail that is there, or what the settings say of a failure."""
        if not isinstance(outcome, Failure):
            try:
                url = self._files.thumbnail_url(wanted.bucket_name, wanted.name)
            except S3SaverError as error:  # no credentials to sign with
                outcome = self.fail(wanted, StorageFailedError(str(error)))
            else:
                return ThumbnailUrl(url, outcome)
        match self._settings.on_error:
            case "placeholder":
                return self.placeholder(wanted)
            case "original":
                return self._original(wanted, None)
            case "raise":
                raise outcome.error()
            case "empty":
                return ThumbnailUrl("", stands_in=True)

    def show_unmade(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what a page shows where there is nothing to make."""
        if wanted.refusal:
            if wanted.image:
                self._maker.log_failure(wanted, wanted.refusal)
            return self.show(wanted, wanted.refusal)
        if self._settings.svg == "placeholder":
            return self.placeholder(wanted)
        spec = wanted.spec
        try:
            url = self._files.original_url(wanted.bucket_name, wanted.image)
        except S3SaverError as error:  # no credentials to sign with
            return self.show(wanted, self.fail(wanted, StorageFailedError(str(error))))
        return ThumbnailUrl(url, (spec.width, spec.height))

    def waiting(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what stands in for a thumbnail that is being made: its image, small and blurred,
        if that is known and asked for.
        """
        if self._settings.placeholder != "blur":
            return self.placeholder(wanted)
        preview = self._memory.preview(wanted.preview_key)
        if not preview:
            return self.placeholder(wanted)
        box = wanted._replace(image_size=preview.size).box
        return blurred_url(box, preview.url, is_padded=bool(wanted.spec.bg))

    def placeholder(self, wanted: Wanted) -> ThumbnailUrl:
        """Return what stands in for a thumbnail that is not there."""
        placeholder = self._settings.placeholder
        if placeholder in ("svg", "blur"):
            return svg_url(wanted.box)
        if placeholder == "original":
            return self._original(wanted, wanted.known_size)
        return ThumbnailUrl(placeholder, wanted.known_size, stands_in=True)

    def fail(self, wanted: Wanted, error: SourceError) -> Failure:
        """Log why a page gets no thumbnail."""
        return self._maker.log_failure(wanted, Failure.of(error))

    def _original(self, wanted: Wanted, size: Size | None) -> ThumbnailUrl:
        url = ""
        if not wanted.refusal:
            try:
                url = self._files.original_url(wanted.bucket_name, wanted.image)
            except S3SaverError as error:  # no credentials to sign with, or it is pending
                log.warning("no URL of the original %r: %s", wanted.image, error)
        return ThumbnailUrl(url, size, stands_in=True)
