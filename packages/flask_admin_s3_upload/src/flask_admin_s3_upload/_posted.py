"""What a form says of a field besides the files: boxes, positions, numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Posted:
    """The inputs that stand around a file input, as they were posted.

    :param is_form: whether a form was posted at all.
    :param deletes: whether the delete box was ticked.
    :param tokens: of uploads that were kept when the form was shown before.
    :param dropped: those tokens whose box was ticked.
    :param items: of a list of files, in the order of their numbers.
    :param removed: of a list of files, those whose box was ticked.
    :param focus: the focal point, as text; None if there was no input for it.
    """

    is_form: bool = False
    deletes: bool = False
    tokens: tuple[str, ...] = ()
    dropped: frozenset[str] = frozenset()
    items: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    focus: tuple[str, str] | None = None

    @classmethod
    def of(cls, formdata: Any, name: str) -> "Posted":
        """Read what was posted for the field of that name."""
        if not formdata:
            return cls(is_form=formdata is not None)

        def texts(part: str) -> list[str]:
            return [one for one in formdata.getlist(f"_{name}-{part}") if isinstance(one, str)]

        focus = [*texts("focus-x")[:1], *texts("focus-y")[:1]]
        return cls(
            is_form=True,
            deletes=f"_{name}-delete" in formdata,
            tokens=tuple(dict.fromkeys(texts("pending"))),
            dropped=frozenset(texts("drop")),
            items=tuple(_by_position(texts("item"), texts("position"))),
            removed=frozenset(texts("remove")),
            focus=(focus[0], focus[1]) if len(focus) == 2 else None,
        )

    def kept_of(self, values: Sequence[T], names: Sequence[str]) -> list[T]:
        """Return those of *values* that stay, as they were ordered. Names posted but not among them
        are ignored; values that were not posted stay, at the end.

        :param names: by which the form calls the values.
        """
        order = {name: at for at, name in reversed(list(enumerate(self.items)))}
        kept = [pair for pair in zip(names, values, strict=True) if pair[0] not in self.removed]
        return [value for _, value in sorted(kept, key=lambda pair: order.get(pair[0], len(order)))]


def _by_position(items: list[str], positions: list[str]) -> list[str]:
    """Order items by their numbers; an item without a number stays where it is."""
    numbered = []
    for at, item in enumerate(items):
        position = positions[at] if at < len(positions) else ""
        number = int(position) if position.isdecimal() else at + 1
        numbered.append((number, item))
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]
