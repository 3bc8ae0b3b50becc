"""The log of the package, one for all modules: README.md names it."""

import logging

log = logging.getLogger("flask_thumbnails_s3")
