"""The S3 that an app states once: where it is, its keys, and whether new files go there."""

from dataclasses import dataclass, field
from typing import Any, Self, cast

from ._s3 import S3Storage
from ._s3_options import RACES, Races
from ._settings_reader import SettingsReader
from ._storages import FindFolder, Folder, ShowDownload, ShowFile, Storages
from .exceptions import ArgumentError

# Arguments of S3Storage and Storages, and the settings that they are read from.
_SETTINGS = {
    "bucket_name": "S3_BUCKET_NAME",
    "region": "S3_REGION",
    "endpoint_url": "S3_ENDPOINT_URL",
    "access_key_id": "S3_ACCESS_KEY_ID",
    "access_key_secret": "S3_ACCESS_KEY_SECRET",
    "acl": "S3_ACL",
    "allowed_buckets": "S3_ALLOWED_BUCKETS",
    "cache_control": "S3_CACHE_CONTROL",
    "storage_class": "S3_STORAGE_CLASS",
    "server_side_encryption": "S3_SERVER_SIDE_ENCRYPTION",
    "kms_key_id": "S3_KMS_KEY_ID",
    "tags": "S3_TAGS",
    "races": "S3_RACES",
}


@dataclass(frozen=True, kw_only=True)
class S3Settings:
    """The shared settings as one checked value; empty texts mean: not set.

    :param storage_type: where new files go: ``'s3'`` if there is a bucket, unless ``USE_S3`` is
        off; ``''`` is the disk. Files of a known bucket are found in either case.
    :param public_endpoint_url: what browsers reach, where it differs from what the app reaches.
    :param private: whether URLs of files are signed.
    :param cache_control: of every new file, as are *storage_class*, *server_side_encryption*,
        *kms_key_id* and *tags*: see :class:`~s3_saver.S3Storage`, of *races* too.
    :param keys: by shared key, the key that the app has set, for errors.
    """

    storage_type: str
    bucket_name: str
    region: str
    endpoint_url: str
    public_endpoint_url: str
    url_style: str
    access_key_id: str
    access_key_secret: str = field(repr=False)
    acl: str
    allowed_buckets: tuple[str, ...]
    cdn_domain: str
    cloudfront_key_id: str
    cloudfront_private_key: str = field(repr=False)
    private: bool
    cache_control: str
    storage_class: str
    server_side_encryption: str
    kms_key_id: str
    tags: dict[str, str] = field(hash=False)
    races: Races
    keys: dict[str, str] = field(repr=False, compare=False)

    @classmethod
    def read(cls, reader: SettingsReader, *, private: bool = True) -> Self:
        """Read and check the shared settings; nothing is asked of S3.

        :param private: what ``S3_PRIVATE`` is where nobody has set it.
        :raises s3_saver.ConfigError: one is wrong, or does not go with another.
        """
        bucket_name = reader.text("S3_BUCKET_NAME")
        uses_s3 = reader.switch("USE_S3", bool(bucket_name))
        if uses_s3 and not bucket_name:
            raise reader.missing("S3_BUCKET_NAME", "USE_S3 needs it; set it, or turn USE_S3 off")
        _check_pair(reader, "S3_ACCESS_KEY_ID", "S3_ACCESS_KEY_SECRET")
        _check_pair(reader, "S3_CLOUDFRONT_KEY_ID", "S3_CLOUDFRONT_PRIVATE_KEY")
        settings = cls(
            storage_type="s3" if uses_s3 else "",
            bucket_name=bucket_name,
            region=reader.text("S3_REGION"),
            endpoint_url=reader.text("S3_ENDPOINT_URL"),
            public_endpoint_url=reader.text("S3_PUBLIC_ENDPOINT_URL"),
            url_style=reader.choice("S3_URL_STYLE", ("host", "path"), "host"),
            access_key_id=reader.text("S3_ACCESS_KEY_ID"),
            access_key_secret=reader.text("S3_ACCESS_KEY_SECRET"),
            acl=reader.text("S3_ACL"),
            allowed_buckets=reader.texts("S3_ALLOWED_BUCKETS"),
            cdn_domain=reader.text("S3_CDN_DOMAIN"),
            cloudfront_key_id=reader.text("S3_CLOUDFRONT_KEY_ID"),
            cloudfront_private_key=reader.text("S3_CLOUDFRONT_PRIVATE_KEY"),
            private=reader.switch("S3_PRIVATE", private),
            cache_control=reader.text("S3_CACHE_CONTROL"),
            storage_class=reader.text("S3_STORAGE_CLASS"),
            server_side_encryption=reader.text("S3_SERVER_SIDE_ENCRYPTION"),
            kms_key_id=reader.text("S3_KMS_KEY_ID"),
            tags=reader.mapping("S3_TAGS"),
            races=cast("Races", reader.choice("S3_RACES", RACES, "warn")),
            keys={argument: reader.key_of(key) for argument, key in _SETTINGS.items()},
        )
        try:
            S3Storage(bucket_name or "bucket", **settings.s3_options)
        except ArgumentError as error:
            raise reader.blame(error, _SETTINGS) from error
        for name in settings.allowed_buckets:
            try:
                S3Storage(name)
            except ArgumentError as error:
                raise reader.wrong("S3_ALLOWED_BUCKETS", "names of buckets") from error
        return settings

    @property
    def cloudfront(self) -> tuple[str, str] | None:
        """The id of a key and the key by which the CDN serves private files; ``None`` without."""
        if not (self.cdn_domain and self.cloudfront_private_key):
            return None
        return self.cloudfront_key_id, self.cloudfront_private_key

    def cdn_of(self, bucket_name: str) -> str | None:
        """Return the CDN that serves a bucket: it stands in front of ``S3_BUCKET_NAME``, and of no
        other that rows may name.
        """
        is_served = bucket_name == self.bucket_name or not self.bucket_name
        return self.cdn_domain or None if is_served else None

    @property
    def s3_options(self) -> dict[str, Any]:
        """What an :class:`~s3_saver.S3Storage` is made with, besides the bucket."""
        return {
            "region": self.region or None,
            "endpoint_url": self.endpoint_url or None,
            "access_key_id": self.access_key_id or None,
            "access_key_secret": self.access_key_secret or None,
            "acl": self.acl or None,
            "cache_control": self.cache_control or None,
            "storage_class": self.storage_class or None,
            "server_side_encryption": self.server_side_encryption or None,
            "kms_key_id": self.kms_key_id or None,
            "tags": self.tags or None,
            "races": self.races,
        }

    def storages(
        self,
        folder: Folder | FindFolder | None,
        *,
        prefix: str = "",
        permission: int = 0o666,
        store: str = "",
        url: ShowFile | None = None,
        permanent_url: ShowFile | None = None,
        download_url: ShowDownload | None = None,
        folder_setting: str = "folder",
    ) -> Storages:
        """Make the storages that these settings mean; the parameters are those of
        :class:`~s3_saver.Storages`.

        :param folder_setting: the key of the folder's setting, for errors.
        """
        return Storages(
            folder,
            storage_type=self.storage_type,
            bucket_name=self.bucket_name,
            prefix=prefix,
            permission=permission,
            allowed_buckets=self.allowed_buckets,
            store=store,
            url=url,
            permanent_url=permanent_url,
            download_url=download_url,
            settings={**self.keys, "folder": folder_setting},
            **self.s3_options,
        )


def _check_pair(reader: SettingsReader, first: str, second: str) -> None:
    """Raise unless both are set, by the same package or for all, or neither."""
    tiers = [reader.keys_of(key).index(reader.key_of(key)) for key in (first, second)]
    for one, other in ((first, second), (second, first)):
        if reader.text(one) and not reader.text(other):
            raise reader.missing(other, f"{reader.key_of(one)} needs it; set both, or neither")
    if reader.text(first) and tiers[0] != tiers[1]:
        raise reader.missing(
            reader.keys_of(second)[tiers[0]]
            if tiers[0] < tiers[1]
            else reader.keys_of(first)[tiers[1]],
            f"{reader.key_of(first)} and {reader.key_of(second)} are of two pairs",
        )
