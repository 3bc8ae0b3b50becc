"""What this package keeps of an app, in ``app.extensions``."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from s3_saver.settings import S3Settings

_KEY = "flask_admin_s3_upload"


@dataclass
class State:
    """What was found out about an app, as long as it has not changed since.

    :param views: of how many views the folders are announced.
    :param config: the settings of which *settings* were read.
    """

    views: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    settings: S3Settings | None = None

    @classmethod
    def of(cls, app: Flask) -> "State":
        state: State = app.extensions.setdefault(_KEY, cls())
        return state
