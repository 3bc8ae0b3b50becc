"""Errors, with messages for visitors (``str(error)``) and for developers (``error.reason``)."""

from ..exceptions import BrokenPictureError, PictureTooLargeError

_CHOOSE = "Choose a JPEG, PNG, WebP, AVIF or GIF."

_TOO_LARGE = dict.fromkeys(
    ("max_pixels", "max_decoded_pixels", "PIL.Image.MAX_IMAGE_PIXELS"),
    "This picture has too many pixels; the limit is {maximum:,}.",
)
_TOO_COMPLEX = "This picture would take too long to open. Save it again and choose the new file."


def broken(reason: str) -> BrokenPictureError:
    """Return the error for a damaged picture."""
    return BrokenPictureError("This picture is damaged. Choose another one.", reason=reason)


def unknown(reason: str) -> BrokenPictureError:
    """Return the error for a file that is not a picture of a known format."""
    return BrokenPictureError(f"This is not a picture that can be shown. {_CHOOSE}", reason=reason)


def not_read(name: str, reason: str) -> BrokenPictureError:
    """Return the error for a picture of a known format that is not read here."""
    return BrokenPictureError(f"{name} pictures cannot be shown. {_CHOOSE}", reason=reason)


def too_large(limit: str, value: int | None, maximum: int, what: str) -> PictureTooLargeError:
    """Return the error for a picture that goes over a limit.

    :param limit: the field of ``Limits``, or Pillow's own.
    :param value: what the picture has; ``None`` if only the decoder knows it.
    :param what: the measured thing, for developers: ``'20000x20000 pixels'``.
    """
    return PictureTooLargeError(
        _TOO_LARGE.get(limit, _TOO_COMPLEX).format(maximum=maximum),
        reason=f"{what}: more than {limit} = {maximum}",
        limit=limit,
        value=value,
        maximum=maximum,
    )


def check_pixels(size: tuple[int, int], maximum: int, *, limit: str, what: str = "") -> None:
    """
    :raises PictureTooLargeError: width times height is more than allowed.
    """
    pixels = size[0] * size[1]
    if pixels > maximum:
        raise too_large(limit, pixels, maximum, f"{what}{size[0]}x{size[1]} pixels")
