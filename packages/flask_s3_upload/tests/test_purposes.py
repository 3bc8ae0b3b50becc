"""Purposes: each is allowed once, for all apps of an Uploads."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

from flask_s3_upload import ConfigError, Uploads
from flask_s3_upload._state import current_state
from untrusted_files import Rules

SMALL, LARGE = Rules(max_bytes=10), Rules(max_bytes=1000)

REFUSED = (
    r"purpose 'photo' is allowed already: call uploads.allow_direct\('photo', …\) in one place"
)


def anybody(upload: object) -> bool:
    return True


def new_app(uploads: Uploads, tmp_path: Any) -> Flask:
    app = Flask("site", instance_path=str(tmp_path))
    app.secret_key = "not a secret"
    uploads.init_app(app)
    return app


def max_bytes(app: Flask) -> int | None:
    with app.app_context():
        return current_state().direct.purpose("photo").rules.max_bytes


@pytest.mark.parametrize("authorize", [anybody, lambda _: False], ids=["same", "other"])
def test_a_purpose_is_allowed_once(authorize: Callable[[object], bool]) -> None:
    """A second call would decide for the uploads of the first, so it is refused and changes
    nothing, be it the same."""
    uploads = Uploads()
    uploads.allow_direct("photo", rules=SMALL, authorize=anybody)
    for rules in (SMALL, LARGE):
        with pytest.raises(ConfigError, match=REFUSED):
            uploads.allow_direct("photo", rules=rules, authorize=authorize)
    uploads.allow_direct("film", rules=LARGE, authorize=authorize)


def test_not_by_another_module_after_the_app_is_made(tmp_path: Any) -> None:
    """A module that is imported later does not take the place of what the factory has allowed."""
    uploads = Uploads()
    uploads.allow_direct("photo", rules=SMALL, authorize=anybody)
    app = new_app(uploads, tmp_path)
    with pytest.raises(ConfigError, match=REFUSED):
        uploads.allow_direct("photo", rules=LARGE, authorize=lambda upload: True)
    assert max_bytes(app) == 10


@pytest.mark.parametrize("is_first", [True, False], ids=["before init_app", "after it"])
def test_a_factory_makes_several_apps(tmp_path: Any, is_first: bool) -> None:
    """What allows a purpose for each app, with a function of its own, runs again for the next."""
    uploads = Uploads()

    def create_app() -> Flask:
        def allow(limit: int) -> None:
            def authorize(limit: int, upload: object) -> bool:
                return bool(limit)

            uploads.allow_direct("photo", rules=SMALL, authorize=partial(authorize, limit))

        if is_first:
            allow(5)
        app = new_app(uploads, tmp_path)
        if not is_first:
            allow(5)
            with pytest.raises(ConfigError, match=REFUSED):
                allow(6)
        return app

    assert [max_bytes(create_app()) for _ in range(3)] == [10, 10, 10]


def test_a_model_is_registered_once(tmp_path: Any) -> None:
    """A second model of a name would leave the files of the first to flask uploads prune: it is
    refused, except of a factory's next app."""
    uploads = Uploads()

    def create_app() -> None:
        rows: list[Any] = []
        new_app(uploads, tmp_path)
        uploads.register_model("rows", lambda: rows, "file", commit=print)

    create_app()
    create_app()
    with pytest.raises(ConfigError, match=r"a model 'rows' is registered already: call upl.* name"):
        uploads.register_model("rows", list, "file", commit=print)


def test_two_uploads_have_purposes_of_their_own(tmp_path: Any) -> None:
    """The same purpose of two Uploads is not the same; a factory that makes its own Uploads has a
    new one each time, as has a module that is loaded again."""
    for rules in (SMALL, LARGE):
        uploads = Uploads()
        uploads.allow_direct("photo", rules=rules, authorize=anybody)
        assert max_bytes(new_app(uploads, tmp_path)) == rules.max_bytes
