"""Setting an app up: its settings are read, its parts are made and attached."""

from dataclasses import replace
from functools import partial

from flask import Flask

from s3_saver import S3Storage, Storages

from ._cli import commands
from ._options import Options
from ._refused import answer_claims
from ._registered import Registered
from ._routes import make_blueprint
from ._settings import Settings
from ._signals import report_claimed, report_files
from ._signing import Signer
from ._state import State, check_app, check_routes
from ._storages import announce, make_storages
from ._store import Store
from ._user import CurrentUser
from .background._background import Background
from .direct._direct import Direct
from .direct._purposes import Purposes


def set_up(
    app: Flask,
    store: Store,
    options: Options,
    user: CurrentUser,
    purposes: Purposes,
    registered: Registered,
) -> None:
    """Make the parts of the extension that belong to one app and store, and attach them to it.

    :raises ConfigError: a setting is wrong, or the app has the extension already.
    """
    check_app(app, store)
    settings = Settings.from_app(app, store)
    if options.storage is not None:  # new files go there, and not to a bucket
        settings = replace(settings, s3=replace(settings.s3, storage_type=""))
    check_routes(app, settings)
    signer = Signer(app, store)
    storages, urls = make_storages(settings, signer, options)
    _check_region(settings, storages)
    announce(app, settings, storages)
    report_files(app, storages)
    background = Background(app, storages, settings, options)
    State(
        settings=settings,
        signer=signer,
        storages=storages,
        direct=Direct(settings, storages, urls, signer, purposes, partial(report_claimed, app)),
        background=background,
        user=user,
        registered=registered,
        authorize_read=options.authorize_read,
    ).attach(app)
    purposes.count_app()
    registered.once.count_app()
    app.register_blueprint(make_blueprint(store, settings.url_prefix))
    app.cli.add_command(commands)  # those of all stores: the same again is the same
    answer_claims(app)
    app.before_request(background.resume)
    app.before_request(partial(purposes.check_columns, registered))


def _check_region(settings: Settings, storages: Storages) -> None:
    """Look once, when the app is made, for what would otherwise fail by the first URL."""
    s3 = settings.s3
    is_known = s3.region or s3.endpoint_url or s3.public_endpoint_url  # if so, the SDK can wait
    storage = storages.current
    if isinstance(storage, S3Storage) and settings.private and not is_known:
        settings.require_region(settings.bucket(storage))
