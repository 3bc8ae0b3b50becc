"""The S3 that the app states once, for whatever a field's own options leave open."""

from typing import Self

from flask import Flask, current_app, has_app_context

from s3_saver.settings import S3Settings, SettingsReader


class Settings(S3Settings):
    """The shared settings of an app: ``S3_BUCKET_NAME``, ``S3_REGION`` and so on."""

    @classmethod
    def from_app(cls, app: Flask) -> Self:
        """Read them; nothing is asked of S3.

        :raises s3_saver.ConfigError: one is wrong, or looks like a slip of the fingers.
        """
        reader = SettingsReader(app.config, own="")
        settings = cls.read(reader)
        reader.check_keys()
        return settings

    @classmethod
    def current(cls) -> Self:
        """Read those of the current app; outside of one, nothing is set."""
        if has_app_context():
            return cls.from_app(current_app)
        return cls.read(SettingsReader({}, own=""))
