"""The commands ``flask uploads``."""

from . import _cli_rows as _cli_rows
from . import _cli_storage as _cli_storage
from ._cli_common import commands as commands
