"""What of the servers' programs this machine has, and how to get the rest."""

import shutil
from pathlib import Path

#: The commands that install all servers of this folder on a Debian machine.
INSTALL_COMMAND = " ".join(
    [
        "apt-get install -y --no-install-recommends",
        *(Path(__file__).parent / "debian-packages.txt").read_text().split(),
    ]
)


def missing(*commands: str) -> str:
    """Say in words which commands this machine lacks and how to install them; ``''`` if none.

    :param commands: names, or paths where a package's commands are not on the search path.
    """
    absent = [command for command in commands if not shutil.which(command)]
    if not absent:
        return ""
    return f"this machine lacks {', '.join(absent)}. On Debian: {INSTALL_COMMAND}"
