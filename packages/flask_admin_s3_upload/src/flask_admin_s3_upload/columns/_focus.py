"""The focal point of a picture: what a thumbnail that is cropped must show."""

from dataclasses import dataclass

from s3_saver import StoredFile

from .._flask_admin import gettext


@dataclass(frozen=True)
class Focus:
    """A point in a picture, which ``StoredFile.metadata['focus']`` keeps as ``[x, y]``.

    :param x: percent from the left, 0 to 100; None if there is no point.
    :param y: percent from the top.
    """

    x: float | None = None
    y: float | None = None

    @classmethod
    def of(cls, file: StoredFile) -> "Focus":
        """Read the point of a file; any other value is ignored."""
        value = file.metadata.get("focus")
        if not isinstance(value, list | tuple) or len(value) != 2:
            return cls()
        x, y = value
        is_point = all(type(one) in (int, float) and 0 <= one <= 100 for one in (x, y))
        return cls(x, y) if is_point else cls()

    @classmethod
    def parse(cls, posted: tuple[str, str] | None) -> "Focus":
        """Read the inputs of a form; two empty ones mean that there is none.

        :raises ValueError: one is not a number from 0 to 100; the message is for the form.
        """
        if posted is None or not any(one.strip() for one in posted):
            return cls()
        try:
            x, y = (round(float(one), 1) for one in posted)
        except ValueError:
            x = y = -1.0
        if not (0 <= x <= 100 and 0 <= y <= 100):
            raise ValueError(gettext("The focal point must be two numbers from 0 to 100."))
        return cls(*(int(one) if one == int(one) else one for one in (x, y)))

    def put_into(self, file: StoredFile) -> StoredFile:
        """Return the same file with this point in its metadata."""
        metadata = {key: value for key, value in file.metadata.items() if key != "focus"}
        if self.x is not None:
            metadata["focus"] = [self.x, self.y]
        return file.replace(metadata=metadata)
