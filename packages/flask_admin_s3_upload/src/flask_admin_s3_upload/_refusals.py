"""What is wrong with a file or its name, in words for the form."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from wtforms.validators import ValidationError

from s3_saver import AlreadyExistsError, UnsafeNameError
from untrusted_files import PictureError, PictureTooLargeError

from ._flask_admin import gettext

logger = logging.getLogger("flask_admin_s3_upload")

_PIXEL_LIMITS = ("max_pixels", "max_decoded_pixels")


def not_stored() -> str:
    """Return what an editor reads while the storage fails."""
    return gettext("The file could not be stored: try again later.")


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Turn what is wrong with a file or its name into words for the form.

    :param name: under which the file is to be stored.
    """
    try:
        yield
    except AlreadyExistsError as error:
        raise ValidationError(gettext('File "%(name)s" already exists.', name=name)) from error
    except UnsafeNameError as error:
        text = gettext('"%(name)s" cannot be the name of a file: rename it.', name=name)
        raise ValidationError(text) from error
    except PictureError as error:
        logger.info("%r is refused: %s", name, error.reason)
        raise ValidationError(_words_of(error)) from error


@contextmanager
def of_file(name: str | None) -> Iterator[None]:
    """Add the file's name to a refusal, where a field takes many.

    :param name: None if there is only one.
    """
    try:
        yield
    except ValidationError as refusal:
        if name is None:
            raise
        raise ValidationError(f"{name}: {refusal}") from refusal


def _words_of(error: PictureError) -> str:
    if isinstance(error, PictureTooLargeError) and error.limit in _PIXEL_LIMITS:
        return gettext(
            "This picture has too many pixels; the limit is %(limit)s.", limit=f"{error.maximum:,}"
        )
    return gettext(str(error))
