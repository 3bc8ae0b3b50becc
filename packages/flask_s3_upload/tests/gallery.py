"""A site whose pictures are rows of a database, by Flask-SQLAlchemy."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column
from upload_site import PICTURES, MakeSite, Site

from flask_s3_upload import StoredFile, Uploads


@dataclass
class Models:
    """The database of an app, and its models.

    :param picture: has ``title``; ``image``, of the purpose ``'picture'``; and ``document``, which
        takes anything.
    :param album: has ``pages``, a list, of the same purpose.
    """

    uploads: Uploads
    db: Any
    picture: Any
    album: Any

    def row(self, model: Any = None) -> Any:
        """The only row of a model, by default of ``picture``."""
        return self.db.session.scalars(select(model or self.picture)).one()


@dataclass
class Gallery(Models):
    """A site, too."""

    site: Site

    def upload(self, data: bytes, filename: str = "cat.png") -> str:
        """Send a picture directly; return the token."""
        return self.site.upload(data, filename, purpose="picture")

    def names(self) -> list[str]:
        """What is stored, without marks of claimed uploads."""
        return [name for name in self.site.names() if not name.endswith(".claimed")]


def make_gallery(make_site: MakeSite, **settings: Any) -> Gallery:
    """Make a site with a database in its instance folder."""
    settings = {"SQLALCHEMY_DATABASE_URI": "sqlite:///rows.db", **settings}
    site = make_site(WTF_CSRF_ENABLED=False, **settings)
    models = add_models(site.app, site.uploads)
    with site.app.app_context():
        models.db.create_all()
    return Gallery(**vars(models), site=site)


def add_models(app: Flask, uploads: Uploads) -> Models:
    """Declare models, and let an app have them."""
    db: Any = SQLAlchemy()
    model: Any = db.Model

    class Picture(model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str | None]
        image: Mapped[StoredFile | None] = uploads.column("pictures/", purpose="picture")
        document: Mapped[StoredFile | None] = uploads.column("documents/")

    class Album(model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        pages: Mapped[list[StoredFile]] = uploads.column("pages", purpose="picture", multiple=True)

    # After the columns: purposes are looked up when they are used.
    uploads.allow_direct("picture", rules=PICTURES, authorize=lambda upload: True)
    db.init_app(app)
    return Models(uploads, db, Picture, Album)
