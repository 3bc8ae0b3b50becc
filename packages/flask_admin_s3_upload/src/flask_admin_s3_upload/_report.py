"""One line in the log for one problem of a page, however many rows have it."""

import logging

from flask import g, has_app_context

logger = logging.getLogger("flask_admin_s3_upload")

_KEY = "flask_admin_s3_upload_reported"


def report(problem: str) -> None:
    """Log a problem, unless this request has logged the same."""
    if has_app_context():
        reported: set[str] = g.setdefault(_KEY, set())
        if problem in reported:
            return
        reported.add(problem)
    logger.warning("%s", problem)
