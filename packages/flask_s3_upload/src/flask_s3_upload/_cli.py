"""The commands ``flask uploads``."""

from . import _cli_rows as _cli_rows
from . import _cli_setup as _cli_setup
from . import _cli_storage as _cli_storage
from ._cli_common import commands as commands
