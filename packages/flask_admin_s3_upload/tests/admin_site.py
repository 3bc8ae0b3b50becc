"""A Flask app with a Flask-Admin view of one model, and somebody who posts its forms."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup
from flask.testing import FlaskClient
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from werkzeug.test import TestResponse

# Flask-Admin 1.6.1 takes the session, which 2 warns of.
FLASK_ADMIN_2 = version("flask-admin") >= "2"


def session_of(db: SQLAlchemy) -> Any:
    """Return what views of the installed Flask-Admin take."""
    return db if FLASK_ADMIN_2 else db.session


@dataclass
class AdminSite:
    app: Flask
    db: SQLAlchemy
    Thing: Any
    view: Any
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @classmethod
    def make(
        cls,
        root: Path,
        database: Path,
        field_class: Any,
        options: dict[str, Any],
        *,
        column: Any = None,
        view_attributes: dict[str, Any] | None = None,
        locale: str = "en",
        admin_options: dict[str, Any] | None = None,
    ) -> "AdminSite":
        app = Flask("site", static_folder=str(root / "static"))
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{database}"
        app.config["SECRET_KEY"] = "for tests"
        Babel(app, default_locale=locale)
        db = SQLAlchemy()
        db.init_app(app)

        class Thing(db.Model):  # type: ignore[name-defined,misc]
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column(db.String(10), nullable=False, unique=True)
            file = db.Column(column or db.String(255))
            storage_type = db.Column(db.String(10), default="")
            bucket_name = db.Column(db.String(255), default="")
            size = db.Column(db.Integer, default=0)

        class ThingView(ModelView):  # type: ignore[misc]
            form_columns = ("title", "file")
            column_list = ("title", "file")

        own = {"form_overrides": {"file": field_class}, "form_args": {"file": options}}
        for name, value in (own | (view_attributes or {})).items():
            setattr(ThingView, name, value)
        with app.app_context():
            db.create_all()
            view = ThingView(Thing, session_of(db), endpoint="thing")
            admin = Admin(app, **(admin_options or {}))
            admin.add_view(view)
        return cls(app, db, Thing, view)

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            self.db.engine.dispose()

    def new(self, title: str = "one", file: Any = None, extra: Any = None) -> TestResponse:
        return self.post("/admin/thing/new/", title, file, extra)

    def edit(
        self, title: str = "one", file: Any = None, extra: Any = None, *, id: int = 1
    ) -> TestResponse:
        return self.post(f"/admin/thing/edit/?id={id}", title, file, extra)

    def post(self, url: str, title: str, file: Any, extra: Any) -> TestResponse:
        """Send the form as a browser does: a file input without a choice sends an empty file.

        :param extra: more inputs.
        """
        uploads = file if isinstance(file, list) else [file or ("", b"")]
        data = {
            "title": title,
            "file": [(io.BytesIO(content), name) for name, content in uploads],
            **(extra or {}),
        }
        return self.client.post(url, data=data, content_type="multipart/form-data")

    def delete(self, id: int = 1) -> TestResponse:
        return self.client.post("/admin/thing/delete/", data={"id": str(id)})

    def form(self, id: int = 1) -> "Page":
        return Page.of(self.client.get(f"/admin/thing/edit/?id={id}"))

    def list(self) -> "Page":
        return Page.of(self.client.get("/admin/thing/"))

    def row(self, id: int = 1) -> Any:
        """What the database says now."""
        with self.app.app_context():
            return self.db.session.get(self.Thing, id)

    def value(self, id: int = 1) -> Any:
        return self.row(id).file

    def insert(self, **values: Any) -> None:
        with self.app.app_context():
            self.db.session.add(self.Thing(**values))
            self.db.session.commit()

    def flask(self, *args: str, input: str | None = None) -> str:
        """Run a command of Flask's and return what it prints."""
        group = FlaskGroup(create_app=lambda: self.app)
        result = CliRunner().invoke(group, args, input=input)
        if result.exception:
            raise result.exception
        return result.output

    def begin_explicitly(self) -> None:
        """Let savepoints be within their transaction: sqlite3 begins none for them by itself
        (https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable).
        """
        with self.app.app_context():
            engine = self.db.engine
        engine.dispose()

        @event.listens_for(engine, "connect")
        def connect(connection: Any, record: Any) -> None:
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN")

    def fail_commits(self) -> Callable[[], None]:
        """Let the database fail in the middle of each commit; return what ends this."""

        def fail(connection: Any) -> None:
            raise OSError("the database is gone")

        with self.app.app_context():
            engine = self.db.engine
        event.listen(engine, "commit", fail)
        return lambda: event.remove(engine, "commit", fail)


#: Makes a site: the field's class, its options, and what else :meth:`AdminSite.make` takes.
MakeSite = Callable[..., AdminSite]


@dataclass
class Tag:
    name: str
    attributes: dict[str, str]


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[Tag] = []
        self.feed(html)

    @classmethod
    def of(cls, response: TestResponse) -> "Page":
        assert response.status_code == 200, response.status
        return cls(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))

    def find(self, tag: str, **attributes: str) -> list[Tag]:
        return [
            each
            for each in self.tags
            if each.name == tag and attributes.items() <= each.attributes.items()
        ]

    def inputs(self, name: str) -> list[str]:
        return [tag.attributes.get("value", "") for tag in self.find("input", name=name)]

    @property
    def pictures(self) -> list[str]:
        return [tag.attributes["src"] for tag in self.find("img")]

    def links(self, part: str) -> list[str]:
        found = [tag.attributes.get("href", "") for tag in self.find("a")]
        return [href for href in found if part in href]
