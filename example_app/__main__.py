"""``python -m example_app``: the app on a server of its own, with an S3 server if it needs one."""

import logging
import os
import secrets
import signal
import socket
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from wsgiref.types import WSGIApplication

import click
from flask import Flask
from sqlalchemy import delete
from werkzeug.serving import BaseWSGIServer, make_server

from example_app import assets, create_app
from example_app.check import check
from example_app.config import SettingError
from example_app.embedded_s3 import BUCKET_NAME, embedded_s3
from example_app.models import Album, Document, Picture, Thingy, db
from example_app.quickstart import create_app as quickstart_app
from example_app.storage import read_s3, uploads_folder
from example_app.visitor import CheckError
from s3_saver.settings import ConfigError


@click.command()
@click.option("--local", is_flag=True, help="Keep files on disk.")
@click.option("--check", "checking", is_flag=True, help="Make the whole round trip, then exit.")
@click.option("--quickstart", is_flag=True, help="Run the small app of quickstart.py instead.")
def main(local: bool, checking: bool, quickstart: bool) -> None:
    """Run the example app on this machine, by default with an S3 server of its own.

    If the environment has USE_S3 or S3_BUCKET_NAME then it says where files go.
    THUMBNAIL_MODE=inline, lazy or queue says when thumbnails are made. example_app/README.md lists
    all settings.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends as by Ctrl-C: in order
    if quickstart and checking:
        raise click.UsageError("--check visits the large app: leave out --quickstart")
    with ExitStack() as stack:
        settings: dict[str, Any] = {}
        if local:
            settings["USE_S3"] = False
        elif not (os.environ.get("USE_S3") or os.environ.get("S3_BUCKET_NAME")):
            settings.update(stack.enter_context(embedded_s3()))
        if quickstart and "S3_ENDPOINT_URL" in settings:  # the rows go with their files
            folder = stack.enter_context(TemporaryDirectory())
            settings["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/quickstart.sqlite"
        if checking:
            settings["DATA_FOLDER"] = stack.enter_context(TemporaryDirectory())
            settings["ADMIN_PASSWORD"] = secrets.token_urlsafe()
        try:
            app = make_quickstart(settings) if quickstart else create_app(settings)
        except (ConfigError, SettingError) as error:
            raise click.UsageError(str(error)) from error
        if read_s3(app.config).bucket_name == BUCKET_NAME:
            assets.push(app)
        if checking:
            run_check(app)
        elif quickstart:
            run(app)
        else:
            stack.callback(forget_embedded_files, app)
            forget_embedded_files(app)  # of a run that was killed
            run(app)


def make_quickstart(settings: dict[str, Any]) -> Flask:
    """Make the small app, with a password that is printed."""
    os.umask(0o077)  # what it keeps on disk, its database too, is for this user alone
    password = secrets.token_urlsafe(12)
    click.echo(f"Admin:     any name, with the password {password}")
    own = {"SECRET_KEY": secrets.token_hex(), "ADMIN_PASSWORD": password}
    return quickstart_app({**own, **settings})


def run(app: Flask) -> None:
    server = listen(app, 5000)
    click.echo(f"The app:   http://127.0.0.1:{server.port}/")
    click.echo(f"Files:     {describe_storage(app)}")
    click.echo("Press Ctrl-C to stop.")
    server.serve_forever()


def run_check(app: Flask) -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = listen(app, 0)
    Thread(target=server.serve_forever).start()
    try:
        check(
            f"http://127.0.0.1:{server.port}/",
            app.config["ADMIN_EMAIL"],
            app.config["ADMIN_PASSWORD"],
        )
    except CheckError as error:
        raise click.ClickException(f"The check failed. {error}") from error
    finally:
        server.shutdown()
    click.echo(f"Every byte came back. Files: {describe_storage(app)}")


def describe_storage(app: Flask) -> str:
    s3 = read_s3(app.config)
    if not s3.storage_type:
        with app.app_context():
            return f"on disk, in {uploads_folder()}"
    where = f"at {s3.endpoint_url or 'Amazon S3'}, in the bucket {s3.bucket_name}"
    return f"{where}, in memory" if s3.bucket_name == BUCKET_NAME else where


def forget_embedded_files(app: Flask) -> None:
    """Forget the files that are gone with the embedded S3 server that held them."""
    with app.app_context():
        files: dict[Any, Any] = {
            Thingy: Thingy.image,
            Picture: Picture.image,
            Document: Document.file,
            Album: Album.photos[0],
        }
        for model, file in files.items():
            was_there = file["bucket_name"].as_string() == BUCKET_NAME
            # By the table: the ORM would want to delete the files, too.
            db.session.execute(delete(model.__table__).where(was_there))
        db.session.commit()


def listen(app: WSGIApplication, port: int) -> BaseWSGIServer:
    """Listen on loopback, on another port if that one is taken."""
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError:
        listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        return make_server("127.0.0.1", port, app, threaded=True, fd=listener.fileno())


if __name__ == "__main__":
    main()
