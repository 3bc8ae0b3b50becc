"""The URLs of thumbnails and originals: on S3, of static files, or of the app's own routes."""

from dataclasses import replace

from s3_saver import S3Storage, Storage
from url_for_s3 import ArgumentError, S3Bucket

from .._settings import Settings
from .._signing import Purpose, RouteSigner, url_of
from ..exceptions import ConfigError


class Urls:
    """Makes the URLs of one app's files; asked for signed ones, it never makes others.

    :param store: of whose files.
    """

    def __init__(self, settings: Settings, store: str = "") -> None:
        self._settings = settings
        self._is_private = settings.s3.private
        self._buckets: dict[str, S3Bucket] = {}
        self.senders = {
            purpose: RouteSigner(purpose, settings.s3_url_expires, store, settings.domain)
            for purpose in (Purpose.SEND, Purpose.ORIGINAL)
        }

    def thumbnail_on_disk(self, name: str) -> str:
        path = self._settings.folders.thumbnails_path
        if path is not None:
            return url_of("static", self._settings.domain, filename=path + name)
        if self._is_private:
            return self.senders[Purpose.SEND].url(name)
        return self.senders[Purpose.SEND].plain_url(name)

    def original_on_disk(self, name: str) -> str:
        path = self._settings.folders.originals_path
        if path is not None:
            return url_of("static", self._settings.domain, filename=path + name)
        return self.senders[Purpose.ORIGINAL].url(name)

    def on_s3(self, storage: Storage, bucket_name: str, prefix: str, name: str) -> str:
        """Return the URL of a file in a bucket.

        :param prefix: of the storage in the bucket.
        :raises S3SaverError: there is nothing to sign with.
        :raises ConfigError: a signature is asked for, but the region is not known, or the storage
            is none that signs.
        """
        bucket = self._buckets.get(bucket_name) or self._find_bucket(storage, bucket_name)
        key = f"{prefix}/{name}" if prefix else name
        if not self._is_private:
            return bucket.url(key)
        expires, cloudfront = self._settings.s3_url_expires, self._settings.cloudfront
        if bucket.cdn_domain and cloudfront:
            return cloudfront.sign(bucket.url(key), expires=expires)
        if not isinstance(storage, S3Storage):
            raise ConfigError(
                f"S3_PRIVATE needs an S3Storage to sign with, got {storage!r}", setting="S3_PRIVATE"
            )
        try:
            return bucket.presign(key, storage.credentials, expires=expires)
        except ArgumentError as error:
            raise self._blame(error) from error

    def unsigned(self, storage: S3Storage, name: str) -> str:
        """Return the URL by which a stranger would try to read a file: at the bucket's own host."""
        bucket = self._find_bucket(storage, storage.bucket_name)
        return replace(bucket, cdn_domain=None).url(storage.key(name))

    def _find_bucket(self, storage: Storage, bucket_name: str) -> S3Bucket:
        s3 = self._settings.s3
        region, endpoint_url = s3.region or None, s3.endpoint_url or None
        # What the settings leave open the SDK may know.
        if isinstance(storage, S3Storage) and not (region and endpoint_url):
            region, endpoint_url = region or storage.region, endpoint_url or storage.endpoint_url
        try:
            bucket = self._settings.bucket(bucket_name, region, endpoint_url)
        except ArgumentError as error:
            raise self._blame(error) from error
        return self._buckets.setdefault(bucket_name, bucket)

    def _blame(self, error: ArgumentError) -> ConfigError:
        key = self._settings.key_of(error.argument) or error.argument
        return ConfigError(
            f"{key} must be {error.rule}, got {error.value!r}{error.hint}", setting=key
        )
