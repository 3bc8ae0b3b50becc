"""The commands ``flask uploads``, each a module of commands/."""

from .commands import _check as _check
from .commands import _migrate as _migrate
from .commands import _prune as _prune
from .commands import _prune_pending as _prune_pending
from .commands import _setup as _setup
from .commands._common import commands as commands
