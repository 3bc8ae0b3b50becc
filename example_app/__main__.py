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
from sqlalchemy import delete, select
from werkzeug.serving import BaseWSGIServer, make_server

from example_app import assets, create_app
from example_app.check import check
from example_app.config import SettingError
from example_app.embedded_s3 import BUCKET_NAME, embedded_s3
from example_app.models import Album, Document, Picture, Thingy, db
from example_app.storage import read_s3, uploads_folder
from example_app.visitor import CheckError


@click.command()
@click.option("--local", is_flag=True, help="Keep files on disk.")
@click.option("--check", "checking", is_flag=True, help="Make the whole round trip, then exit.")
def main(local: bool, checking: bool) -> None:
    """Run the example app on this machine, by default with an S3 server of its own.

    If the environment has USE_S3 or S3_BUCKET_NAME then it says where files go.
    THUMBNAIL_MODE=inline, lazy or queue says when thumbnails are made. example_app/README.md lists
    all settings.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends as by Ctrl-C: in order
    with ExitStack() as stack:
        settings: dict[str, Any] = {}
        if local:
            settings["USE_S3"] = False
        elif not (os.environ.get("USE_S3") or os.environ.get("S3_BUCKET_NAME")):
            settings.update(stack.enter_context(embedded_s3()))
        if checking:
            settings["DATA_FOLDER"] = stack.enter_context(TemporaryDirectory())
            settings["ADMIN_PASSWORD"] = secrets.token_urlsafe()
        try:
            app = create_app(settings)
        except SettingError as error:
            raise click.UsageError(str(error)) from error
        if read_s3(app.config).bucket_name == BUCKET_NAME:
            assets.push(app)
        run_check(app) if checking else run(app)


def run(app: Flask) -> None:
    forget_embedded_files(app)  # of a run that was killed
    server = listen(app, 5000)
    click.echo(f"The app:   http://127.0.0.1:{server.port}/")
    click.echo(f"Files:     {describe_storage(app)}")
    click.echo("Press Ctrl-C to stop.")
    try:
        server.serve_forever()
    finally:
        forget_embedded_files(app)


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
        for thingy in db.session.scalars(
            select(Thingy).filter_by(image_storage_bucket_name=BUCKET_NAME)
        ):
            thingy.forget_image()
        for bucket in (
            Picture.image_storage_bucket_name,
            Document.file_storage_bucket_name,
            Album.photos_storage_bucket_name,
        ):
            db.session.execute(delete(bucket.class_).where(bucket == BUCKET_NAME))
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
