"""What a setting means: one reader of settings, and the S3 that an app states once.

.. code-block:: python

    reader = SettingsReader(app.config, own="UPLOADS_S3_", shared=["UPLOADS_"])
    folder = reader.path("UPLOADS_FOLDER", "uploads", root=app.instance_path)
    s3 = S3Settings.read(reader)
    reader.check_keys()
    storages = s3.storages(folder, prefix=reader.text("UPLOADS_S3_PREFIX"))

An app sets ``S3_BUCKET_NAME`` once, for all packages; ``UPLOADS_S3_BUCKET_NAME`` goes over it for
one. Values may come from environment variables as Flask's ``from_prefixed_env`` reads them: JSON
where they are, else text.
"""

from ._s3_settings import S3Settings
from ._settings_reader import SHARED_SETTINGS, SettingsReader
from .exceptions import ConfigError

__all__ = ["SHARED_SETTINGS", "ConfigError", "S3Settings", "SettingsReader"]
