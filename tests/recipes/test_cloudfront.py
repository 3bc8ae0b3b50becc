"""CloudFront in front of a private bucket, as docs/recipes/cloudfront.md has it."""

import io
import json
import shlex
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from html import unescape
from pathlib import Path

import botocore.session
import pytest
from botocore.model import StructureShape
from botocore.validate import ParamValidator
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from flask import Flask, render_template_string
from pages import DOCS, blocks
from PIL import Image

from flask_s3_upload import Uploads
from flask_thumbnails_s3 import Thumbnail
from recipes.edge import verifier
from s3_saver.testing import S3Server
from url_for_s3 import ArgumentError, CloudFrontSigner

PAGE = DOCS / "recipes" / "cloudfront.md"
JSON = [json.loads(block) for block in blocks(PAGE, "json")]
DISTRIBUTION = "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def pem_of(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("number", "shape"),
    [(1, "PublicKeyConfig"), (2, "KeyGroupConfig"), (3, "DefaultCacheBehavior")],
)
def test_configurations(number: int, shape: str) -> None:
    """What is passed to CloudFront is what its API takes, in all that it must have."""
    service = botocore.session.get_session().get_service_model("cloudfront")
    model = service.shape_for(shape)
    assert isinstance(model, StructureShape)
    assert set(JSON[number]) <= set(model.members)
    assert not ParamValidator().validate(JSON[number], model).has_errors()


def may_read(arn: str, key: str) -> bool:
    """Whether the policy lets a distribution read an object: Deny goes over Allow."""
    effects = set()
    for statement in JSON[0]["Statement"]:
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert statement["Action"] == "s3:GetObject"
        resources = statement["Resource"]
        resources = [resources] if isinstance(resources, str) else resources
        wanted = statement.get("Condition", {}).get("StringEquals", {}).get("AWS:SourceArn", arn)
        matches = any(fnmatchcase(f"arn:aws:s3:::my-bucket/{key}", one) for one in resources)
        if matches and arn == wanted:
            effects.add(statement["Effect"])
    return effects == {"Allow"}


def test_policy() -> None:
    """The distribution may read what is stored, and nothing that waits; another one nothing."""
    for key in ("uploads/cat.jpg", "thumbnails/cat.jpg", "static/app.css", "uploads/pending.jpg"):
        assert may_read(DISTRIBUTION, key)
        assert not may_read(DISTRIBUTION[:-1], key)
    for key in ("uploads/pending/7d1c0c2e", "cats/.pending/7d1c", ".pending/7d1c"):
        assert not may_read(DISTRIBUTION, key)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the command openssl")
def test_key_commands(tmp_path: Path) -> None:
    """The commands of the page make a key that signs, and one of RSA does as well."""
    commands = [block for block in blocks(PAGE, "console") if "openssl" in block]
    lines = [line.removeprefix("$ ") for line in "".join(commands).splitlines()]
    assert len(lines) == 2
    for command in (lines[0], "openssl genrsa -out private_key.pem 2048"):
        for line in (command, lines[1]):
            subprocess.run(line.split(), cwd=tmp_path, check=True, capture_output=True)
        pem = (tmp_path / "private_key.pem").read_text()
        key = load_pem_private_key(pem.encode(), None)
        assert isinstance(key, PrivateKey)
        url = CloudFrontSigner("K", pem).sign("https://cdn.example.com/a.txt")
        edge = verifier.Edge({"K": key.public_key()})
        assert edge.check(url, now=time.time()) == "https://cdn.example.com/a.txt"
        assert (tmp_path / "public_key.pem").read_text().startswith("-----BEGIN PUBLIC KEY-----\n")


def test_key_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of the page writes the key in one line, which an app reads as the whole key."""
    pem = pem_of(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "private_key.pem").write_text(pem)
    [command] = [block for block in blocks(PAGE, "console") if "json.dumps" in block]
    _, *arguments = shlex.split(command.removeprefix("$ "))
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    [line] = ran.stdout.splitlines()
    monkeypatch.setenv("FLASK_S3_CLOUDFRONT_PRIVATE_KEY", line)
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.from_prefixed_env()
    assert app.config["S3_CLOUDFRONT_PRIVATE_KEY"] == pem
    with pytest.raises(ArgumentError, match="a backslash and an n are where its lines should end"):
        CloudFrontSigner("K", line.strip('"'))


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_settings_alone(kind: str, s3_server: S3Server, s3_bucket: str, tmp_path: Path) -> None:
    """With three settings, CloudFront lets private uploads and their thumbnails through, and
    nothing by another key.
    """
    key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if kind == "rsa":
        key = rsa.generate_private_key(65537, 2048)
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(
        SECRET_KEY="not a secret",
        S3_BUCKET_NAME=s3_bucket,
        S3_REGION="us-east-1",
        S3_ENDPOINT_URL=s3_server.endpoint_url,
        S3_ACCESS_KEY_ID=s3_server.access_key_id,
        S3_ACCESS_KEY_SECRET=s3_server.access_key_secret,
        S3_CDN_DOMAIN="cdn.example.com",
        S3_CLOUDFRONT_KEY_ID="K1",
        S3_CLOUDFRONT_PRIVATE_KEY=pem_of(key),
    )
    uploads = Uploads(app)
    Thumbnail(app, originals=uploads)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    with app.test_request_context():
        stored = uploads.save(picture, to="größe.png")
        shown = render_template_string("{{ file|thumbnail('20x20') }}", file=stored)
        urls = [stored.url, unescape(shown)]
    edge = verifier.Edge({"K1": key.public_key()})
    stranger = verifier.Edge({"K1": ec.generate_private_key(ec.SECP256R1()).public_key()})
    for url, folder in zip(urls, ("uploads", "thumbnails"), strict=True):
        assert edge.check(url, now=time.time()).startswith(f"https://cdn.example.com/{folder}/gr")
        with pytest.raises(verifier.RefusedError):
            stranger.check(url, now=time.time())
