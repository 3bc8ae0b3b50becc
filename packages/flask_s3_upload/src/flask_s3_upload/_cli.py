"""The commands ``flask uploads``, which are in commands/."""

from .commands import _rows as _rows
from .commands import _setup as _setup
from .commands import _storage as _storage
from .commands._common import commands as commands
