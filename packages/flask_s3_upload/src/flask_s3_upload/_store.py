"""The names that distinguish the stores of one app: of settings, routes, folders and signatures."""

import re
from dataclasses import dataclass

from .exceptions import ConfigError

OWN_KEYS = "UPLOADS_"

# What the settings of other things begin with.
_TAKEN = ("UPLOADS_", "S3_", "USE_", "MEDIA_", "THUMBNAIL_", "FLASKS3_", "AWS_")


@dataclass(frozen=True, slots=True)
class Store:
    """One :class:`Uploads` of an app, by its name.

    :param name: such as ``'invoices'``, ``''`` for the only one.
    :raises ConfigError: the name cannot be one.
    """

    name: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch("([a-z][a-z0-9_]*)?", str(self.name)):
            raise ConfigError(
                f"store must be a name of small letters, digits and '_', such as 'invoices', got"
                f" {self.name!r}"
            )
        if self.name and self.prefix.startswith(_TAKEN):
            raise ConfigError(
                f"store must be another name than {self.name!r}: settings that begin with"
                f" {self.prefix!r} mean something else"
            )

    @property
    def prefix(self) -> str:
        """What the keys of its settings begin with, such as ``'INVOICES_'``."""
        return f"{self.name.upper()}_" if self.name else OWN_KEYS

    def key(self, key: str) -> str:
        """Return the store's key of a setting.

        :param key: the one that there is without stores, such as ``'UPLOADS_FOLDER'``.
        """
        return self.prefix + key.removeprefix(OWN_KEYS)

    @property
    def folder(self) -> str:
        """Where its files are unless a setting says otherwise, on disk, in buckets and in URLs."""
        return f"uploads-{self.name.replace('_', '-')}" if self.name else "uploads"

    @property
    def blueprint(self) -> str:
        return f"uploads_{self.name}" if self.name else "uploads"

    def endpoint(self, view: str) -> str:
        """Return the endpoint of one of its routes, such as ``'uploads.serve'``."""
        return f"{self.blueprint}.{view}"

    @property
    def salt(self) -> str:
        """What the salts of its signatures begin with. No other store's are the same."""
        return f"flask-s3-upload/{self.name}:" if self.name else "flask-s3-upload:"

    @property
    def owner(self) -> str:
        """Its name among those who announce where they keep files of users."""
        return f"flask_s3_upload, store {self.name!r}" if self.name else "flask_s3_upload"
