"""URLs: the same from everywhere, and only those of static files."""

from typing import Any

import flask
import pytest
from flask import Blueprint, Flask, render_template_string
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]

import flask_s3_static
from flask_s3_static import FlaskS3
from flask_s3_static.serving._urls import StaticUrls
from url_for_s3 import url_for_s3

BASE = "https://bucket.s3.amazonaws.com"


def make_app(*blueprints: Blueprint, **config: Any) -> Flask:
    app = Flask("site", static_folder="static")
    app.config.update({"FLASKS3_BUCKET_NAME": "bucket", **config})
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.add_url_rule("/page/<name>", "page", lambda name: name)
    FlaskS3(app)
    return app


def blueprint(name: str, **options: Any) -> Blueprint:
    return Blueprint(name, name, **{"static_folder": "static", "url_prefix": f"/{name}", **options})


def url(app: Flask, endpoint: str = "static", filename: str = "a.css", **values: Any) -> str:
    with app.test_request_context():
        return app.url_for(endpoint, filename=filename, **values)


def test_the_manual_s_example() -> None:
    """/static/foo/style.css becomes https://mybucketname.s3.amazonaws.com/static/foo/style.css."""
    app = make_app(FLASKS3_BUCKET_NAME="mybucketname")
    wanted = "https://mybucketname.s3.amazonaws.com/static/foo/style.css"
    assert url(app, filename="foo/style.css") == wanted


def test_the_same_from_everywhere() -> None:
    """app.url_for, flask.url_for, ours, and a template's give one URL."""
    app = make_app()
    wanted = f"{BASE}/static/a.css"
    with app.test_request_context():
        assert app.url_for("static", filename="a.css") == wanted
        assert flask.url_for("static", filename="a.css") == wanted
        assert flask_s3_static.url_for("static", filename="a.css") == wanted
        assert render_template_string("{{ url_for('static', filename='a.css') }}") == wanted
        macro = "{% macro m() %}{{ url_for('static', filename='a.css') }}{% endmacro %}{{ m() }}"
        assert render_template_string(macro) == wanted
    with app.app_context():
        assert flask.url_for("static", filename="a.css") == wanted
    assert app.url_for("static", filename="a.css") == wanted


def test_templates_made_before() -> None:
    """Templates follow even if the Jinja environment was made before the extension came."""
    app = Flask("site", static_folder="static")
    app.config["FLASKS3_BUCKET_NAME"] = "bucket"
    assert app.jinja_env is not None
    FlaskS3(app)
    with app.test_request_context():
        link = render_template_string("{{ url_for('static', filename='a.css') }}")
    assert link == f"{BASE}/static/a.css"


def test_blueprints() -> None:
    """Blueprints, nested ones too, and those with a path of their own for static files."""
    child = blueprint("child")
    parent = blueprint("parent")
    parent.register_blueprint(child)
    odd = blueprint("odd", static_url_path="/files", url_prefix="/very/odd")
    bare = blueprint("bare", url_prefix=None, static_url_path="/bare-static")
    app = make_app(parent, odd, bare)
    assert url(app, "parent.static") == f"{BASE}/parent/static/a.css"
    assert url(app, "parent.child.static") == f"{BASE}/parent/child/static/a.css"
    assert url(app, "odd.static") == f"{BASE}/very/odd/files/a.css"
    assert url(app, "bare.static") == f"{BASE}/bare-static/a.css"


def test_blueprints_that_come_later() -> None:
    """A blueprint that is registered after the extension was initialised counts, too."""
    app = make_app()
    app.register_blueprint(blueprint("late"))
    assert url(app, "late.static") == f"{BASE}/late/static/a.css"


def test_relative_endpoints() -> None:
    """In a blueprint's request, '.static' is the blueprint's; elsewhere it is the app's."""
    part = blueprint("part")
    part.add_url_rule("/x", "x", lambda: flask.url_for(".static", filename="a.css"))
    app = make_app(part)
    app.add_url_rule("/y", "y", lambda: flask.url_for(".static", filename="a.css"))
    client = app.test_client()
    assert client.get("/part/x").text == f"{BASE}/part/static/a.css"
    assert client.get("/y").text == f"{BASE}/static/a.css"
    with app.app_context(), pytest.raises(RuntimeError, match="SERVER_NAME"):
        flask.url_for(".static", filename="a.css")


def test_relative_endpoints_of_nested_blueprints() -> None:
    """In a nested blueprint's request, '.static' is that blueprint's, not its parent's."""
    child, parent = blueprint("child"), blueprint("parent")
    page = "{{ url_for('.static', filename='a.css') }}"
    child.add_url_rule("/x", "x", lambda: render_template_string(page))
    parent.register_blueprint(child)
    client = make_app(parent).test_client()
    assert client.get("/parent/child/x").text == f"{BASE}/parent/child/static/a.css"


def test_flask_admin() -> None:
    """Flask-Admin's own pages link to their files in the bucket, and to nothing of the app."""
    app = Flask("site")
    app.config.update(FLASKS3_BUCKET_NAME="bucket", SECRET_KEY="x")
    FlaskS3(app)
    Babel(app)
    Admin(app)
    page = app.test_client().get("/admin/").text
    assert f'href="{BASE}/admin/static/' in page
    assert f'src="{BASE}/admin/static/' in page
    assert '"/admin/static/' not in page


def test_other_endpoints() -> None:
    """Every other endpoint is untouched, even if it is named static."""
    own = Blueprint("own", "own", url_prefix="/own")
    own.add_url_rule("/<filename>", "static", lambda filename: filename)
    app = make_app(own)
    with app.test_request_context():
        assert app.url_for("page", name="x", q=1, _anchor="z") == "/page/x?q=1#z"
        assert app.url_for("page", name="x", _external=True) == "http://localhost/page/x"
        assert app.url_for("page", name="x", filename="a") == "/page/x?filename=a"
        assert app.url_for("own.static", filename="a.css") == "/own/a.css"
        with pytest.raises(Exception, match="Could not build url for endpoint 'nowhere.static'"):
            app.url_for("nowhere.static", filename="a")
        with pytest.raises(Exception, match="Could not build url for endpoint 'static'"):
            app.url_for("static")


def test_a_static_url_with_more_values() -> None:
    """A blueprint whose static URL takes more than the filename stays with the app."""
    app = make_app(blueprint("part", url_prefix="/<lang>/part"))
    assert url(app, "part.static", lang="de") == "/de/part/static/a.css"


def test_special_values() -> None:
    """_scheme, _anchor, _external and _method are taken, and other values are the query."""
    app = make_app()
    assert url(app, _scheme="http") == f"{BASE.replace('https', 'http')}/static/a.css"
    assert url(app, _scheme="", _external=True).startswith("//bucket.")
    assert url(app, _anchor="x y") == f"{BASE}/static/a.css#x%20y"
    assert url(app, _external=False) == f"{BASE}/static/a.css"
    assert url(app, _method="GET") == f"{BASE}/static/a.css"
    assert url(app, v="1 2", w=[1, 2], none=None) == f"{BASE}/static/a.css?v=1+2&w=1&w=2"
    names = {"region": "a/b", "scheme": "b", "bucket_name": "c", "cdn_domain": "ä"}
    wanted = "?region=a/b&scheme=b&bucket_name=c&cdn_domain=%C3%A4"
    assert url(app, **names) == f"{BASE}/static/a.css{wanted}"


def test_query_and_anchor_as_flask_s() -> None:
    """Query and anchor are what Flask itself gives."""
    app = make_app()
    values: Any = {"a": "x&y=z?", "b": ["1", "ü"], "_anchor": "top/ä"}
    ours = url(app, **values).partition("a.css")[2]
    with app.test_request_context():
        theirs = Flask.url_for(app, "static", filename="a.css", **values)
    assert ours == theirs.partition("a.css")[2]


def test_url_defaults() -> None:
    """Values that the app injects by url_defaults, such as a version, are in the query."""
    app = make_app()

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = 7

    assert url(app) == f"{BASE}/static/a.css?v=7"


def test_url_defaults_of_a_blueprint() -> None:
    """Those of a blueprint are in its URLs alone, by relative endpoints too."""
    part = blueprint("part")
    part.add_url_rule("/x", "x", lambda: flask.url_for(".static", filename="a.css"))
    part.url_defaults(lambda endpoint, values: values.setdefault("v", 8))
    app = make_app(part)
    assert app.test_client().get("/part/x").text == f"{BASE}/part/static/a.css?v=8"
    assert url(app) == f"{BASE}/static/a.css"


@pytest.mark.parametrize("filename", ["a+b c.js", "grüße/日本.css", "x%20y.js", "a&b#c?.js"])
def test_names_are_encoded_once(filename: str) -> None:
    """Names are percent-encoded as url_for_s3 does, once."""
    assert url(make_app(), filename=filename) == url_for_s3("static", "bucket", filename=filename)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, BASE),
        ({"URL_STYLE": "path"}, "https://s3.amazonaws.com/bucket"),
        ({"BUCKET_DOMAIN": "s3.example.com"}, "https://bucket.s3.example.com"),
        ({"REGION": "eu-north-1"}, "https://bucket.s3.eu-north-1.amazonaws.com"),
        ({"REGION": "EU"}, "https://bucket.s3.eu-west-1.amazonaws.com"),
        ({"REGION": "DEFAULT"}, BASE),
        ({"USE_HTTPS": False}, "http://bucket.s3.amazonaws.com"),
        ({"CDN_DOMAIN": "cdn.example.com"}, "https://cdn.example.com"),
        ({"CDN_DOMAIN": "cdn.example.com", "USE_HTTPS": False}, "http://cdn.example.com"),
        ({"PREFIX": "/v1/"}, f"{BASE}/v1"),
        ({"ENDPOINT_URL": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000/bucket"),
        ({"ENDPOINT_URL": "https://s3.minio.org/x"}, "https://bucket.s3.minio.org/x"),
        ({"ENDPOINT_URL": "http://s3.minio.org", "USE_HTTPS": True}, "https://bucket.s3.minio.org"),
        ({"ENDPOINT_URL": "http://10.0.0.1", "CDN_DOMAIN": "cdn.org"}, "https://cdn.org"),
        (
            {"ENDPOINT_URL": "http://10.0.0.1", "BUCKET_DOMAIN": "files.org"},
            "https://bucket.files.org",
        ),
        ({"BUCKET_NAME": "dotted.bucket"}, "https://s3.amazonaws.com/dotted.bucket"),
    ],
)
def test_places(config: dict[str, Any], wanted: str) -> None:
    """Style, domains, region, endpoint and prefix are in the URL as the settings say."""
    app = make_app(**{f"FLASKS3_{name}": value for name, value in config.items()})
    assert url(app) == f"{wanted}/static/a.css"


def test_static_at_the_root() -> None:
    """An app whose static files are at / has their keys there."""
    app = Flask("site", static_folder="static", static_url_path="")
    app.config["FLASKS3_BUCKET_NAME"] = "bucket"
    FlaskS3(app)
    assert url(app) == f"{BASE}/a.css"


def test_bounded_memory() -> None:
    """URLs of names that visitors make up are not kept for ever."""
    app = make_app()
    urls: StaticUrls = app.extensions["flask_s3_static"].urls
    for number in range(20_000):
        urls.url(f"static/{number}", None, None, {})
    assert urls._locate.cache_info().currsize < 20_000  # type: ignore[attr-defined]
