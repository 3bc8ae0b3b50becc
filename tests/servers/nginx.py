"""An nginx in front of an app, with a location of README.md's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .processes import accepts, free_port, running, wait_for

#: Where Debian has it, which is not on everybody's search path.
COMMANDS = ("/usr/sbin/nginx",)

_CONFIG = """
daemon off; master_process off; error_log stderr; pid {folder}/pid;
events {{}}
http {{
    access_log off;
    {paths}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{app}; proxy_set_header Host $http_host; }}
        {location}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, app: int, location: str) -> Iterator[str]:
    """Run it for as long as the block lasts.

    :param folder: all that it writes is there.
    :param app: the port of the app.
    :param location: what else its server has.
    :return: its URL.
    """
    port, kinds = free_port(), ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(folder=folder, paths=paths, port=port, app=app, location=location)
    )
    with running(*COMMANDS, "-p", str(folder), "-c", str(config)):
        wait_for(lambda: accepts(port))
        yield f"http://127.0.0.1:{port}"
