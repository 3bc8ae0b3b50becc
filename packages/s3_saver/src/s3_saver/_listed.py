"""Names that a listing returned, which can be deleted although no save would take them.

Another program, or another store's tool, may have left keys such as ``'a//b'`` or ``'../x'``. The
guard refuses these names, wherever they come from; but what a storage itself has listed leads
nowhere else, and must be deletable.
"""

from collections.abc import Iterable

from ._names import check_name
from ._storage import FileInfo
from .exceptions import ArgumentTypeError, UnsafeNameError


class ListedName(str):
    """An unsafe name that came out of a listing: :meth:`Storage.delete` takes it as it is."""

    __slots__ = ()


def listed(name: str) -> str:
    """Return a name from a listing; an unsafe one as a :class:`ListedName`."""
    try:
        return check_name(name)
    except UnsafeNameError:
        return ListedName(name)


def names_to_delete(names: Iterable[object]) -> list[str]:
    """Return the checked names of files to delete, each once.

    :param names: names, or what :meth:`Storage.find` returned.
    :raises UnsafeNameError: one of them is unsafe, and no storage has listed it.
    :raises ArgumentTypeError: one of them is neither a name nor a FileInfo.
    """
    checked: dict[str, None] = {}
    for name in names:
        value = name.name if isinstance(name, FileInfo) else name
        if not isinstance(value, str):
            raise ArgumentTypeError(
                "name",
                type(value),
                "a str such as 'photos/cat.jpg', or a FileInfo",
                ": for several files, write delete(*names)",
            )
        checked[value if isinstance(value, ListedName) else check_name(value)] = None
    return list(checked)
