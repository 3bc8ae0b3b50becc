"""The commands ``flask thumbnails``, each a module of commands/."""

from .commands import _check as _check
from .commands import _delete as _delete
from .commands import _generate as _generate
from .commands import _prune as _prune
from .commands import _setup as _setup
from .commands._common import commands as commands
