"""Files of users, and what settings exclude, are never pushed, linked in the bucket or opened."""

import json
import logging
import os
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import Result
from flask import Flask
from static_site import Site

from flask_s3_static import CollectError, ConfigError, FlaskS3, S3StaticError, create_all
from flask_s3_static._cli import s3_static
from flask_s3_static.bucket._check import Finding, check
from flask_s3_static.bucket._prune import prune
from s3_saver import PrefixRegistry


class Uploads:
    """An extension that keeps files of users, and says where."""

    def __init__(self, app: Flask, **place: Any) -> None:
        PrefixRegistry.of(app.extensions).announce("uploads", **place)


@pytest.fixture
def blog(site: Site) -> Site:
    """The layout of many an app: what users upload lies below the static folder."""
    site.write("static/app.css", "a {}")
    site.write("static/uploads/me.jpg", "private")
    site.write("static/uploads/deep/er.jpg", "private")
    return site


def with_folder(site: Site, name: str = "static/uploads", **config: Any) -> Flask:
    app = site.app(**config)
    Uploads(app, folder=site.folder / name)
    return app


def with_prefix(site: Site, prefix: str = "static/uploads", **config: Any) -> Flask:
    app = site.app(**config)
    Uploads(app, storage_type="s3", bucket_name=site.bucket, prefix=prefix)
    return app


def excluding(site: Site, *_: str, **config: Any) -> Flask:
    return site.app(FLASKS3_EXCLUDE=["uploads"], **config)


WAYS = [with_folder, with_prefix, excluding]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(s3_static, arguments)


def keys_of(site: Site) -> list[str]:
    return site.keys()


def policy_of(site: Site) -> Any:
    return json.loads(site.storage.client.get_bucket_policy(Bucket=site.bucket)["Policy"])


def first_bad(app: Flask) -> Finding:
    return next(finding for finding in check(app) if not finding.is_good)


@pytest.mark.parametrize("make", WAYS)
@pytest.mark.parametrize("hashed", [False, True])
def test_a_push_takes_no_file_of_a_user(blog: Site, make: Any, hashed: bool) -> None:
    """What is announced, on disk or in the bucket, or excluded, is left out, and reported."""
    report = create_all(make(blog, FLASKS3_HASHED_NAMES=hashed))
    assert [key for key in keys_of(blog) if "uploads" in key] == []
    assert "static/app.css" in keys_of(blog)
    reason = "FLASKS3_EXCLUDE" if make is excluding else "uploads"
    assert report.left_out == {"static/uploads/": reason}


@pytest.mark.parametrize("make", WAYS)
@pytest.mark.parametrize("hashed", [False, True])
def test_url_for_leaves_files_of_users_with_the_app(blog: Site, make: Any, hashed: bool) -> None:
    """Their URLs are the app's own, whether the file is there or not; others lead to the bucket."""
    create_all(make(blog, FLASKS3_HASHED_NAMES=hashed))
    app = make(blog, FLASKS3_HASHED_NAMES=hashed)
    for name in ["uploads/me.jpg", "uploads/deep/er.jpg", "uploads/none.jpg"]:
        assert blog.url(app, name) == f"/static/{name}"
    assert blog.bucket in blog.url(app, "app.css")
    assert blog.bucket in blog.url(app, "uploads.css")


def test_url_for_sees_what_is_announced_late(blog: Site) -> None:
    """An extension that announces after a first URL was made is heeded from then on."""
    app = blog.app()
    assert blog.bucket in blog.url(app, "uploads/me.jpg")
    Uploads(app, folder=blog.folder / "static/uploads")
    assert blog.url(app, "uploads/me.jpg") == "/static/uploads/me.jpg"


def test_a_link_into_a_folder_of_users_is_left_out(blog: Site) -> None:
    """A link from elsewhere in the static folder to users' files is theirs, too."""
    os.symlink("uploads", blog.folder / "static/pictures")
    app = with_folder(blog)
    report = create_all(app)
    assert report.left_out == {"static/uploads/": "uploads", "static/pictures/": "uploads"}
    assert keys_of(blog) == ["static/app.css"]
    assert blog.url(app, "pictures/me.jpg") == "/static/pictures/me.jpg"


def test_a_folder_that_is_announced_through_a_link(blog: Site) -> None:
    """A folder is the same one by another path."""
    os.symlink(blog.folder, blog.folder.parent / "current")
    app = blog.app()
    Uploads(app, folder=blog.folder.parent / "current/static/uploads")
    create_all(app)
    assert keys_of(blog) == ["static/app.css"]


@pytest.mark.parametrize("link", ["latest.jpg", "pictures"])
def test_a_link_to_what_is_excluded_is_left_out(blog: Site, link: str) -> None:
    """What FLASKS3_EXCLUDE has stays with the app by another name, too, in pushes and URLs."""
    is_file = "." in link
    os.symlink("uploads/me.jpg" if is_file else "uploads", blog.folder / "static" / link)
    app = blog.app(FLASKS3_EXCLUDE=["uploads/*"])
    create_all(app)
    assert keys_of(blog) == ["static/app.css"]
    name = link if is_file else f"{link}/me.jpg"
    assert blog.url(app, name) == f"/static/{name}"


@pytest.mark.parametrize("is_announced", [False, True])
@pytest.mark.parametrize("name", ["a\0.css", "\udcff.css", "x" * 5000])
def test_names_that_no_file_has(blog: Site, is_announced: bool, name: str) -> None:
    """What a visitor makes up is refused by the key, whether files of users have to be looked for
    or not."""
    app = with_folder(blog) if is_announced else blog.app(FLASKS3_EXCLUDE=["uploads/*"])
    with pytest.raises(ValueError, match="key must be a key that a URL can carry"):
        blog.url(app, name)


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["uploads/*"], ["app.css", "app.css.map"]),
        (["uploads/"], ["app.css", "app.css.map"]),
        (["*.map", "uploads/deep"], ["app.css", "uploads/me.jpg"]),
        ("*.jpg, *.map", ["app.css"]),
        (["app*"], ["uploads/deep/er.jpg", "uploads/me.jpg"]),
        (
            ["UPLOADS", "me.jpg"],
            ["app.css", "app.css.map", "uploads/deep/er.jpg", "uploads/me.jpg"],
        ),
    ],
)
def test_patterns(blog: Site, patterns: Any, left: list[str]) -> None:
    """FLASKS3_EXCLUDE has patterns of paths in static folders; a folder stands for all in it."""
    blog.write("static/app.css.map", "{}")
    app = blog.app(FLASKS3_EXCLUDE=patterns)
    create_all(app)
    assert keys_of(blog) == [f"static/{name}" for name in left]
    for name in ["app.css", "app.css.map", "uploads/deep/er.jpg", "uploads/me.jpg"]:
        assert (blog.bucket in blog.url(app, name)) is (name in left)


def test_nothing_is_left(blog: Site) -> None:
    """If all static files are where users' files are, a push says so, and URLs stay the app's."""
    for app in (with_prefix(blog, ""), with_folder(blog, "static"), with_prefix(blog, "static")):
        with pytest.raises(CollectError, match=r"no static file: .*/static/ stays .*, by uploads"):
            create_all(app)
        assert blog.url(app, "app.css") == "/static/app.css"


def test_one_log_line_if_all_stays_with_the_app(
    blog: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """That nothing comes from the bucket, as it is among users' files, is logged once."""
    app = with_prefix(blog, "")
    for name in ["app.css", "other.css", "app.css"]:
        blog.url(app, name)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "all static files stay with the app" in caplog.text
    assert "(uploads)" in caplog.text


def test_static_files_of_the_other_extension_stay_with_the_app(blog: Site) -> None:
    """A blueprint whose static URL is below its own prefix in the bucket does not end the push."""
    blog.write("uploads/static/upload.js", "1")
    app = blog.app(blog.blueprint("uploads"))
    Uploads(app, storage_type="s3", bucket_name=blog.bucket, prefix="uploads")
    report = create_all(app, write_public_policy=True)
    assert report.left_out == {"uploads/static/": "uploads"}
    assert blog.url(app, "upload.js", "uploads.static") == "/uploads/static/upload.js"
    (statement,) = policy_of(blog)["Statement"]
    assert statement["Resource"] == [f"arn:aws:s3:::{blog.bucket}/static/*"]


def test_another_bucket_is_another_place(blog: Site) -> None:
    """The same prefix in another bucket is nothing to us."""
    app = blog.app()
    Uploads(app, storage_type="s3", bucket_name="other-bucket", prefix="static/uploads")
    assert len(create_all(app, write_public_policy=True).sent) == 3


@pytest.mark.parametrize("prefix", ["", "static", "static/uploads", "static/uploads/deep"])
def test_no_policy_over_a_prefix_of_users(blog: Site, prefix: str) -> None:
    """A policy is refused that would open what another extension announced, or is inside it."""
    blog.push()
    app = with_prefix(blog, prefix)
    for dry_run in (True, False):
        with pytest.raises((ConfigError, CollectError)) as caught:
            create_all(app, write_public_policy=True, dry_run=dry_run)
        assert "uploads" in str(caught.value)
    with pytest.raises(blog.storage.client.exceptions.ClientError, match="NoSuchBucketPolicy"):
        policy_of(blog)
    result = run(app, "push", "--public-policy")
    assert result.exit_code == 1
    assert "policy will be" not in result.output


def test_no_policy_before_there_is_a_bucket(blog: Site) -> None:
    """A policy over an announced prefix is refused before a bucket is made."""
    with pytest.raises(ConfigError, match="uploads"):
        create_all(with_prefix(blog), write_public_policy=True)
    assert not create_all(with_prefix(blog), dry_run=True).same
    with pytest.raises(Exception, match="there is no bucket"):
        keys_of(blog)


def test_no_policy_over_objects_that_no_push_has_put_there(blog: Site) -> None:
    """Objects below the opened path that no index names are listed, and the policy is refused."""
    app = with_folder(blog)
    create_all(app)
    for number in range(7):
        blog.storage.save(f"static/thumbs/{number}.jpg", BytesIO(b"private"))
    blog.storage.save("elsewhere/cat.jpg", BytesIO(b"private"))
    blog.write("static/new.css", "new")
    for dry_run in (True, False):
        with pytest.raises(S3StaticError, match="static/thumbs/0.jpg, .* and 2 more") as caught:
            create_all(app, write_public_policy=True, dry_run=dry_run)
        assert "elsewhere" not in str(caught.value)
    assert "static/new.css" not in keys_of(blog)
    finding = first_bad(app)
    assert finding.what == "only static files are below /static/"
    assert "static/thumbs/0.jpg" in finding.fix
    blog.storage.delete(*(f"static/thumbs/{number}.jpg" for number in range(7)))
    create_all(app, write_public_policy=True)
    assert policy_of(blog)["Statement"][0]["Resource"] == [f"arn:aws:s3:::{blog.bucket}/static/*"]


def test_a_policy_over_objects_that_this_push_replaces(blog: Site) -> None:
    """What another tool has put under the keys of this push is no obstacle: it is replaced."""
    blog.storage.client.create_bucket(Bucket=blog.bucket)
    blog.storage.save("static/app.css", BytesIO(b"old"))
    create_all(with_folder(blog), write_public_policy=True)
    assert policy_of(blog)["Statement"]


def test_what_an_earlier_push_has_published(blog: Site) -> None:
    """Users' files that were pushed before they were announced keep the policy from being written,
    and prune deletes them.
    """
    blog.push()
    app = with_folder(blog)
    with pytest.raises(S3StaticError, match="static/uploads/deep/er.jpg, static/uploads/me.jpg"):
        create_all(app, write_public_policy=True)
    assert "static/uploads/me.jpg" in first_bad(app).fix
    create_all(app)
    prune(app, keep=1, older_than=timedelta())
    assert keys_of(blog) == ["static/app.css"]
    create_all(app, write_public_policy=True)


def test_prune_forgets_what_is_in_a_prefix_of_users(blog: Site) -> None:
    """An object that an old push made, where another extension keeps users' files now, stays: it
    may be a user's by now.
    """
    blog.push()
    app = with_prefix(blog)
    create_all(app)
    blog.storage.save("static/uploads/me.jpg", BytesIO(b"of a user, uploaded to the bucket"))
    assert prune(app, keep=1, older_than=timedelta()).deleted == {}
    assert blog.read("static/uploads/me.jpg") == b"of a user, uploaded to the bucket"
    blog.write("static/app.css", "b {}")
    create_all(app)
    assert prune(app, keep=1, older_than=timedelta()).deleted == {}


@pytest.mark.parametrize("make", WAYS)
def test_check_samples_no_file_of_a_user(blog: Site, make: Any) -> None:
    """The check looks at static files that are to be there, and at nothing that stays with us."""
    (blog.folder / "static/app.css").unlink()
    blog.write("static/z.css", "z {}")
    blog.push()
    what = [finding.what for finding in check(make(blog))]
    assert any("static/z.css" in words for words in what)
    assert not [words for words in what if "uploads" in words]


def test_the_command_lists_what_stays(blog: Site) -> None:
    """--dry-run lists what is left out and why; a push counts it."""
    app = with_folder(blog, FLASKS3_EXCLUDE="*.map")
    blog.write("static/a.map", "{}")
    assert run(app, "push", "--dry-run").output.splitlines() == [
        "would create the bucket",
        "new: static/app.css",
        "left out: /static/a.map (FLASKS3_EXCLUDE)",
        "left out: /static/uploads/ (uploads)",
        "1 new, 0 changed, 0 with changed headers, 0 the same, 0 gone",
    ]
    assert "2 left out: `--dry-run` lists them" in run(app, "push").output


def test_extensions_may_come_in_any_order(blog: Site) -> None:
    """What is announced before FlaskS3 is made counts as well."""
    app = Flask("site", root_path=str(blog.folder))
    app.config.update(blog.config)
    Uploads(app, folder=blog.folder / "static/uploads")
    FlaskS3(app)
    assert list(create_all(app).sent) == ["static/app.css"]


def test_an_app_without_the_extension_is_pushed_by_the_same_rules(blog: Site) -> None:
    """create_all leaves out users' files of an app that makes no URLs to the bucket, too."""
    app = Flask("site", root_path=str(blog.folder))
    app.config.update(blog.config)
    Uploads(app, folder=blog.folder / "static/uploads")
    assert list(create_all(app).sent) == ["static/app.css"]


@pytest.mark.servers
def test_private_files_stay_private(blog: Site) -> None:
    """In one bucket with public static files, what users uploaded is still refused to strangers."""
    app = with_folder(blog)
    Uploads(app, storage_type="s3", bucket_name=blog.bucket, prefix="uploads")
    create_all(app, write_public_policy=True)
    blog.storage.save("uploads/me.jpg", BytesIO(b"private"))
    public = blog.url(app, "app.css")
    with urlopen(public) as answer:
        assert answer.read() == b"a {}"
    for name in ["uploads/me.jpg", "static/uploads/me.jpg"]:
        with pytest.raises(HTTPError, match="403") as refused:
            urlopen(public.replace("static/app.css", name))
        refused.value.close()
