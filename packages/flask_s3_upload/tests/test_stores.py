"""Several Uploads in one app: public avatars next to private invoices."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sent_files import picture, posted
from sqlalchemy.orm import Mapped, mapped_column
from upload_site import PICTURES
from web import fetch, path_of

from flask_s3_upload import ConfigError, InvalidTokenError, Uploads
from flask_s3_upload._store import Store
from s3_saver import NotConfiguredError, S3Storage, StoredFile
from sqlalchemy_s3_files import follow
from untrusted_files import Rules

DOCUMENTS = Rules(max_bytes=1000)


class Shop:
    """An app with two stores, and its visitor."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.avatars = Uploads(app)
        self.invoices = Uploads(app, store="invoices")
        self.avatars.allow_direct(rules=PICTURES, authorize=lambda upload: True)
        self.invoices.allow_direct(rules=DOCUMENTS, authorize=lambda upload: True)
        self.client = app.test_client()

    def status(self, url: str) -> int:
        """Fetch a URL as a stranger does."""
        if url.startswith("http://localhost/"):
            return self.app.test_client().get(path_of(url), buffered=True).status_code
        return fetch(url).status

    def sign(self, prefix: str, filename: str, size: int) -> Any:
        body = {"filename": filename, "size": size}
        answer = self.client.post(f"/{prefix}/-/sign", json=body)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


MakeShop = Callable[..., Shop]


@pytest.fixture(params=["disk", "s3"])
def make_shop(request: pytest.FixtureRequest, tmp_path: Path) -> MakeShop:
    """Makes a shop whose avatars are public, and whose invoices are private."""

    def make(**settings: Any) -> Shop:
        app = Flask("shop", instance_path=str(tmp_path))
        app.config.update(SECRET_KEY="not a secret", UPLOADS_PRIVATE=False)
        if request.param == "s3":
            own: dict[str, Any] = request.getfixturevalue("on_s3")
            shared = {key.removeprefix("UPLOADS_"): value for key, value in own.items()}
            app.config.update(shared, S3_PREFIX=None, S3_ALLOW_UNSIGNED_HEADERS=None)
        app.config.update(settings)
        return Shop(app)

    return make


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop()


def test_public_avatars_beside_private_invoices(shop: Shop) -> None:
    """Each store's files have their own place, and URLs as its own settings say; whoever strips a
    private one of its signature gets nothing, even where the public ones are open to everybody."""
    _open_avatars(shop)
    with shop.app.test_request_context():
        avatar = shop.avatars.save(posted(picture(), "me.png"))
        invoice = shop.invoices.save(posted(b"100 EUR", "me.png.txt"))
        assert (avatar.store, invoice.store) == ("", "invoices")
        public, private = avatar.url, invoice.url
    assert "?" not in public
    assert shop.status(public) == 200
    assert shop.status(private) == 200
    assert "/uploads-invoices/me.png.txt?" in private
    assert shop.status(private.partition("?")[0]) == 403
    assert shop.status(public + ".txt") in (403, 404)


def _open_avatars(shop: Shop) -> None:
    """Let everybody read the avatars in the bucket, as with UPLOADS_PRIVATE = False."""
    with shop.app.app_context():
        storage = shop.avatars.storages.current
    if isinstance(storage, S3Storage):
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{storage.bucket_name}/uploads/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        storage.client.put_bucket_policy(Bucket=storage.bucket_name, Policy=json.dumps(policy))


def test_the_same_name_in_two_stores(shop: Shop) -> None:
    """Names are a store's own: the same one twice is two files."""
    with shop.app.app_context():
        files = [one.save(posted(b"x", "a.txt")) for one in (shop.avatars, shop.invoices)]
        assert [file.name for file in files] == ["a.txt", "a.txt"]
        files[0].delete()
        assert [file.exists() for file in files] == [False, True]


def test_a_store_refuses_another_s_file(shop: Shop) -> None:
    """A row's file that is bound to the wrong store is neither shown, opened nor deleted."""
    with shop.app.app_context():
        row = shop.invoices.save(posted(b"x", "a.txt")).to_dict()
        shop.avatars.save(posted(b"y", "a.txt"))
        stray = StoredFile.from_dict(row).bind(shop.avatars.storages)
        with pytest.raises(NotConfiguredError, match="'a.txt' is in the store 'invoices'"):
            stray.open()
        with pytest.raises(NotConfiguredError, match="'a.txt' is in the store 'invoices'"):
            _ = stray.url
        with StoredFile.from_dict(row).bind(shop.invoices.storages).open() as file:
            assert file.read() == b"x"


def test_permanent_urls_are_a_store_s_own(shop: Shop) -> None:
    """A permanent URL leads to the file of the store whose route it is, and no other store's route
    takes its token."""
    with shop.app.test_request_context():
        invoice = shop.invoices.save(posted(b"x", "a.txt"))
        shop.avatars.save(posted(b"y", "a.txt"))
        url = invoice.permanent_url
    assert url.startswith("http://localhost/uploads-invoices/-/stored/")
    assert shop.status(url) in (200, 302)
    assert shop.status(url.replace("/uploads-invoices/", "/uploads/")) == 404


def test_direct_uploads_are_a_store_s_own(shop: Shop) -> None:
    """Each store has its questions and purposes; a token is claimed where it was made, even for a
    purpose of the same name."""
    answer = shop.sign("uploads-invoices", "a.txt", 4)
    where = answer["fields"].get("key") or answer["url"].lstrip("/")
    assert where.startswith("uploads-invoices/")
    other = shop.client.post("/uploads/-/sign", json={"filename": "a.txt", "size": 4})
    assert other.status_code == 422  # it takes pictures only
    with shop.app.test_request_context():
        token = shop.invoices.hold(io.BytesIO(b"text"), user=1)
        with pytest.raises(InvalidTokenError):
            shop.avatars.claim(token, user=1)
        stored = shop.invoices.claim(token, "a.txt", user=1)
        assert stored.store == "invoices"
        with stored.open() as file:
            assert file.read() == b"text"


def test_the_bytes_come_by_the_store_s_route(shop: Shop) -> None:
    """What a browser sends to the signed URL can be claimed."""
    answer = shop.sign("uploads-invoices", "a.txt", 4)
    if answer["method"] == "PUT":
        headers = answer["headers"]
        sent = shop.client.put(answer["url"], data=b"text", headers=headers)
        assert sent.status_code == 204
        with shop.client.session_transaction() as visitor:
            user = dict(visitor)
        with shop.app.test_request_context() as context:
            context.session.update(user)
            assert shop.invoices.claim(answer["token"]).size == 4


def test_the_background_is_a_store_s_own(shop: Shop, tmp_path: Path) -> None:
    """What waits to be sent waits in the store's own spool, and arrives in its place."""
    with shop.app.app_context():
        stored = shop.invoices.save(posted(b"x", "a.txt"), background=True)
        shop.app.extensions["flask_s3_upload"]["invoices"].background.queue.join()
        assert stored.exists()
    assert not (tmp_path / "uploads-spool").exists()
    assert (tmp_path / "uploads-invoices-spool").exists() == bool(stored.storage_type)


@pytest.mark.parametrize(
    "settings",
    [
        {"INVOICES_S3_PREFIX": "uploads/invoices", "INVOICES_FOLDER": "uploads/invoices"},
        {"INVOICES_S3_PREFIX": "", "UPLOADS_FOLDER": "uploads-invoices"},
    ],
)
def test_overlapping_stores_are_refused(make_shop: MakeShop, settings: dict[str, str]) -> None:
    """No store's place is inside another's: its private files would be the other's public ones."""
    with pytest.raises(ConfigError, match="hold each other's files.*INVOICES_FOLDER"):
        make_shop(**settings)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("/files", "/files/"), ("/files", "/files/invoices"), ("/a/b", "/a")]
)
def test_overlapping_routes_are_refused(tmp_path: Path, ours: str, theirs: str) -> None:
    """A URL leads to one store: no other's routes are below its own."""
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(UPLOADS_URL_PREFIX=ours, INVOICES_URL_PREFIX=theirs)
    with pytest.raises(ConfigError, match="INVOICES_URL_PREFIX must be outside of UPLOADS_URL"):
        Shop(app)


def test_own_settings_go_over_shared_ones(tmp_path: Path) -> None:
    """A store's settings have its name in place of UPLOADS; the shared S3 counts for all, and the
    keys of the store without a name for none."""
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(
        SECRET_KEY="x",
        S3_BUCKET_NAME="all",
        S3_REGION="eu-north-1",
        UPLOADS_PRIVATE=False,
        UPLOADS_S3_PREFIX="mine",
        INVOICES_S3_BUCKET_NAME="theirs",
        INVOICES_URL_PREFIX="/files/invoices",
    )
    Shop(app)
    states = app.extensions["flask_s3_upload"]
    found = {
        name: (state.settings.s3.bucket_name, state.settings.s3_prefix, state.settings.private)
        for name, state in states.items()
    }
    assert found == {"": ("all", "mine", False), "invoices": ("theirs", "uploads-invoices", True)}
    with app.test_request_context():
        assert app.url_for("uploads_invoices.module") == "/files/invoices/-/direct-upload.js"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"INVOICES_S3_BUCKET": "b"}, "did you mean INVOICES_S3_BUCKET_NAME"),
        ({"INVOICES_FODLER": "x"}, "did you mean INVOICES_FOLDER"),
        ({"INVOICES_URL_EXPIRES": 0}, "INVOICES_URL_EXPIRES must be"),
        ({"INVOICES_USE_S3": True}, "S3_BUCKET_NAME is missing"),
        ({"INVOICES_S3_PRIVATE": False}, "set INVOICES_PRIVATE"),
        ({"INVOICES_DOMAIN": "x"}, "INVOICES_DOMAIN must be"),
        ({"INVOICES_S3_PREFIX": ".."}, "INVOICES_S3_PREFIX must be"),
    ],
)
def test_wrong_settings_of_a_store(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    """They are refused by the store's own key."""
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(settings)
    with pytest.raises(ConfigError, match=words):
        Uploads(app, store="invoices")


@pytest.mark.parametrize(
    "name", ["Invoices", "my-invoices", "1st", "uploads", "s3", "media", "aws"]
)
def test_wrong_names(name: str) -> None:
    """A name must make keys of settings, and none that mean something else."""
    with pytest.raises(ConfigError, match="store must be"):
        Uploads(store=name)


def test_no_two_stores_sign_alike() -> None:
    """A store's salts begin as no other's do, whatever it is called."""
    assert not Store("claim").salt.startswith(Store().salt)
    assert not Store("a_b").salt.startswith(Store("a").salt)


def test_a_store_that_the_app_lacks(tmp_path: Path) -> None:
    """Whoever uses it learns what to call, and which stores there are."""
    app = Flask("shop", instance_path=str(tmp_path))
    invoices, avatars = Uploads(store="invoices"), Uploads()
    with app.app_context(), pytest.raises(ConfigError, match=r"Uploads\(store='invoices'\)"):
        invoices.save(posted(b"x"))
    invoices.init_app(app)
    with (
        app.app_context(),
        pytest.raises(ConfigError, match="without a store.*name one of .*'invoices'"),
    ):
        avatars.save(posted(b"x"))
    with pytest.raises(ConfigError, match="store 'invoices' already"):
        Uploads(app, store="invoices")


def test_commands_go_through_all_stores(shop: Shop, tmp_path: Path) -> None:
    """check and prune-pending do all stores, or the one that is named."""
    with shop.app.test_request_context():
        for one in (shop.avatars, shop.invoices):
            one.hold(posted(picture(), "a.png") if one is shop.avatars else posted(b"x"), user=1)
    runner = shop.app.test_cli_runner()
    args = ["uploads", "prune-pending", "--older-than", "0", "--dry-run"]
    both = runner.invoke(args=args)
    assert both.output.count("1 to delete") == 2, both.output
    assert "store '':\n" in both.output
    assert "store 'invoices':\n" in both.output
    alone = runner.invoke(args=[*args, "--store", "invoices"])
    assert alone.output.count("1 to delete") == 1
    assert "store" not in alone.output
    nothing = runner.invoke(args=[*args, "--store", "nothing"])
    assert nothing.exit_code == 1
    assert "no store 'nothing'" in nothing.output


def test_followed_columns_keep_files_in_their_store(tmp_path: Path) -> None:
    """Rows of sqlalchemy-s3-files' follow, and the commands, reach the files of a named store."""
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="sqlite:///shop.db")
    db = SQLAlchemy(app)
    invoices = Uploads(app, store="invoices")

    class Order(db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        invoice: Mapped[str]

    followed = follow(Order, invoices.storages, "orders/", name="invoice")
    with app.test_request_context():
        db.create_all()
        order: Any = Order(invoice=io.BytesIO(b"%PDF-1.7"))
        db.session.add(order)
        db.session.commit()
        invoice = followed.get(order)
        assert invoice == invoices.get(order.invoice).replace(size=0, content_type="")
        with app.test_client().get(invoice.relative_url) as answer:
            assert answer.data == b"%PDF-1.7"
        orphan = invoices.save(io.BytesIO(b"x"), to="orders/orphan.txt")
    pruned = app.test_cli_runner().invoke(args=["uploads", "prune", "--older-than", "0", "--yes"])
    assert "deleted orders/orphan.txt" in pruned.output
    with app.test_request_context():
        assert (invoice.exists(), orphan.exists()) == (True, False)
        db.session.delete(db.session.get(Order, 1))
        db.session.commit()
        assert not invoice.exists()
        db.engine.dispose()
