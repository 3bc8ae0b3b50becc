"""A file follows its row: it is saved, replaced and deleted with SQLAlchemy's transactions."""

from . import _connection_events as _connection_events
from . import _flush as _flush
from . import _statements as _statements
from ._contents import Content
from ._field import Field
from ._fields import follow_fields
from ._follow import FollowedColumns, follow
from ._hand_over import hand_over, is_named_by_others
from ._incoming import UNCHANGED, Unchanged
from ._list import StoredFiles
from ._models import find_models
from ._move import files_of, move_files
from ._new_file import NewFile, new_file
from ._orphans import find_orphans
from ._rules import CheckedFile, FileRules
from ._type import FileType
from .exceptions import FilesError, NotStoredError

__all__ = [
    "UNCHANGED",
    "CheckedFile",
    "Content",
    "Field",
    "FileRules",
    "FileType",
    "FilesError",
    "FollowedColumns",
    "NewFile",
    "NotStoredError",
    "StoredFiles",
    "Unchanged",
    "files_of",
    "find_models",
    "find_orphans",
    "follow",
    "follow_fields",
    "hand_over",
    "is_named_by_others",
    "move_files",
    "new_file",
]
