"""What this package keeps of an app, in ``app.extensions``."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from s3_saver.settings import S3Settings

_KEY = "flask_admin_s3_upload"


@dataclass
class State:
    """What was read from an app, until it changes.

    :param views: how many views there were when folders were announced.
    :param config: the settings of which *settings* were read.
    """

    views: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    settings: S3Settings | None = None

    @classmethod
    def of(cls, app: Flask) -> "State":
        state: State = app.extensions.setdefault(_KEY, cls())
        return state
