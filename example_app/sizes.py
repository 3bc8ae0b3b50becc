"""What the gallery shows: the arguments of the filter ``thumbnail``, by subject."""

from typing import Any


class Exhibit:
    """One call of the filter: what the page shows, and what it writes below."""

    def __init__(self, size: str, **options: Any) -> None:
        self.size = size
        self.options = options

    def __str__(self) -> str:
        arguments = [repr(self.size), *(f"{key}={value!r}" for key, value in self.options.items())]
        return f"thumbnail({', '.join(arguments)})"


SECTIONS = {
    "Sizes": [
        Exhibit("80x80"),
        Exhibit("200x"),
        Exhibit("x100"),
    ],
    "Crops": [
        Exhibit("160x160", crop="fit"),
        Exhibit("160x160", crop="left"),
        Exhibit("160x160", crop="bottom-right"),
        Exhibit("160x80", crop="fit"),
        Exhibit("160x80", crop="top"),
        Exhibit("160x80", crop="50%,80%"),
    ],
    "Backgrounds": [
        Exhibit("160x160", bg="black"),
        Exhibit("160x160", bg="#ffe8cc"),
        Exhibit("160x80", bg=(13, 110, 253)),
    ],
    "Formats": [
        Exhibit("160x160", format="jpeg"),
        Exhibit("160x160", format="png"),
        Exhibit("160x160", format="webp"),
        Exhibit("160x160", format="avif"),
        Exhibit("160x160", format="jpeg", quality=10),
        Exhibit("160x160", format="avif", quality=10),
    ],
}
