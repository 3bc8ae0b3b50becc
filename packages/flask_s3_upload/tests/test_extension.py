"""From a request's file to a stored file, on disk and on S3."""

import io
import threading
from pathlib import Path

import pytest
from flask import Flask, request
from sent_files import picture, posted
from upload_site import MakeSite, Site
from web import fetch
from werkzeug.datastructures import FileStorage

from flask_s3_upload import ConfigError, NoFileError, StoredFile, Uploads, upload
from s3_saver import S3Saver, UnsafeNameError
from untrusted_files import RejectedError, Rules, TooLargeError, WrongTypeError


def test_a_posted_file_is_stored_and_told(site: Site) -> None:
    """A view saves what was posted, and learns name, size, type and place."""

    @site.app.post("/upload")
    def view() -> dict[str, object]:
        return site.uploads.save(request.files["afile"], to="avatars/").to_dict()

    data = {"afile": (io.BytesIO(picture()), "Ann Lee.PNG")}
    answer = site.client.post("/upload", data=data)
    assert answer.get_json() == {
        "name": "avatars/Ann_Lee.PNG",
        "size": len(picture()),
        "content_type": "image/png",
        "storage_type": "s3" if site.on_s3 else "",
        "bucket_name": getattr(site.storage, "bucket_name", ""),
        "filename": "Ann Lee.PNG",
        "store": "",
        "metadata": {},
    }
    assert site.read("avatars/Ann_Lee.PNG") == picture()


def test_a_stored_file_s_url_gives_its_bytes(make_site: MakeSite) -> None:
    """The absolute URL of a private file gives what was saved, with its type, on either storage."""
    site = make_site(UPLOADS_PRIVATE=True)
    with site.app.test_request_context():
        stored = site.uploads.save(posted(picture(), "Grüße aus Köln.png"), to="a/")
        url = stored.url
    if site.on_s3:
        answer = fetch(url)
        assert (answer.status, answer.body) == (200, picture())
        assert answer.headers["Content-Type"] == "image/png"
    else:
        local = site.get(url)
        assert (local.status_code, local.data, local.mimetype) == (200, picture(), "image/png")


def test_a_taken_name_gets_an_id(site: Site) -> None:
    """A second file of the same name gets an id, and the first stays as it was."""
    with site.app.app_context():
        first = site.uploads.save(posted(b"1", "a.txt"), to="x/")
        second = site.uploads.save(posted(b"2", "a.txt"), to="x/")
    assert first.name == "x/a.txt"
    stem, _, rest = second.name.partition("-")
    assert (stem, rest[16:]) == ("x/a", ".txt")
    assert (site.read(first.name), site.read(second.name)) == (b"1", b"2")


def test_concurrent_saves_of_one_name_all_stay(site: Site) -> None:
    """Of many that save the same name at once, each gets its own, and no byte is lost."""
    names: dict[int, str] = {}

    def save(number: int) -> None:
        with site.app.app_context():
            names[number] = site.uploads.save(posted(b"%d" % number, "a.txt")).name

    threads = [threading.Thread(target=save, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names.values())) == 16
    assert {number: int(site.read(name)) for number, name in names.items()} == {
        number: number for number in range(16)
    }


def test_overwriting_keeps_the_name(site: Site) -> None:
    """With overwrite=True a file takes the place of the old one."""
    with site.app.app_context():
        for data in (b"old", b"new"):
            stored = site.uploads.save(posted(data, "x"), to="me.txt", overwrite=True)
    assert (stored.name, site.read("me.txt"), site.names()) == ("me.txt", b"new", ["me.txt"])


def test_the_callers_file_stays_open(site: Site) -> None:
    """After save the caller can read the file again."""
    file = posted(picture())
    with site.app.app_context():
        site.uploads.save(file)
    assert not file.stream.closed
    file.stream.seek(0)
    assert file.stream.read() == picture()


def test_any_binary_stream_can_be_saved(site: Site) -> None:
    """What is no request's file is saved too, under a whole name, from its start."""
    file = io.BytesIO(b"a,b\n1,2\n")
    file.seek(4)
    with site.app.app_context():
        stored = site.uploads.save(file, to="reports/2026.csv")
    assert (stored.content_type, site.read("reports/2026.csv")) == ("text/csv", b"a,b\n1,2\n")


def test_an_empty_file_input_is_refused(site: Site) -> None:
    """A form sent without choosing a file says so; an empty file that has a name is saved."""
    with site.app.app_context():
        with pytest.raises(NoFileError, match="No file was chosen"):
            site.uploads.save(FileStorage(io.BytesIO(), ""))
        assert site.uploads.save(posted(b"", "empty.txt")).size == 0


def test_rules_are_checked_before_anything_is_stored(site: Site) -> None:
    """A file that breaks a rule raises, and nothing of it is stored."""
    with site.app.app_context():
        with pytest.raises(TooLargeError):
            site.uploads.save(posted(picture()), rules=Rules(max_bytes=10))
        with pytest.raises(WrongTypeError):
            site.uploads.save(posted(b"<html>", "cat.jpg"), rules=Rules(types=("image/*",)))
    assert site.names() == []


def test_a_whole_name_without_extension(site: Site) -> None:
    """Where the whole name has no extension, rules go by the file's own."""
    rules = Rules(types=("image/*",), extensions=("png",))
    with site.app.app_context():
        stored = site.uploads.save(posted(picture(), "cat.png"), to="users/1/avatar", rules=rules)
        assert (stored.name, stored.content_type) == ("users/1/avatar", "image/png")
        with pytest.raises(RejectedError):
            site.uploads.save(posted(picture(), "cat.html"), to="users/2/avatar", rules=rules)
        with pytest.raises(RejectedError):
            site.uploads.save(posted(picture(), "cat.png"), to="users/2/avatar.html", rules=rules)


@pytest.mark.parametrize("name", ["../a.txt", "/etc/passwd", "a/../../b.txt", "a\\b.txt"])
def test_a_name_cannot_lead_outside(site: Site, name: str) -> None:
    """A name in *to* that leads out of the storage raises; nothing is written."""
    with site.app.app_context(), pytest.raises(UnsafeNameError):
        site.uploads.save(posted(b"x"), to=name)
    assert site.names() == []


@pytest.mark.parametrize("to", ["pending/", "pending/a.txt", "-/"])
def test_the_extension_s_own_names_are_refused(site: Site, to: str) -> None:
    """Nothing can be saved where direct uploads wait, or where the extension's URLs are: a visitor
    reads that the name will not do, a developer why.
    """
    with site.app.app_context(), pytest.raises(RejectedError, match="rename it") as refused:
        site.uploads.save(posted(b"x"), to=to)
    assert "own folders" in str(refused.value.__cause__)


def test_an_absent_folder_is_made(make_local: MakeSite, tmp_path: Path) -> None:
    """UPLOADS_FOLDER need not be there: it is made, with what leads to it, for the first file."""
    folder = tmp_path / "not" / "yet"
    site = make_local(UPLOADS_FOLDER=folder)
    assert not folder.parent.exists()
    with site.app.app_context():
        site.uploads.save(posted(b"x", "a.txt"))
    assert (folder / "a.txt").read_bytes() == b"x"


def test_a_client_s_path_is_only_a_name(site: Site) -> None:
    """Folders in a client's file name are dropped."""
    with site.app.app_context():
        stored = site.uploads.save(posted(b"x", "../../C:\\Windows\\evil.txt"), to="in/")
    assert stored.name == "in/evil.txt"


def test_s3saver_finds_what_was_saved(make_site: MakeSite) -> None:
    """An S3Saver of the same folder, or bucket and prefix, opens and deletes what was saved."""
    site = make_site()
    with site.app.app_context():
        stored = site.uploads.save(posted(b"meow", "tom.txt"), to="cats/")
        settings = site.app.extensions["flask_s3_upload"][""].settings
        folder = settings.folder
        saver = S3Saver(
            base_path=f"/srv/{settings.s3_prefix}" if site.on_s3 else folder,
            static_root_parent="/srv" if site.on_s3 else None,
            endpoint_url=settings.s3.endpoint_url or None,
            access_key_id=settings.s3.access_key_id or None,
            access_key_secret=settings.s3.access_key_secret or None,
            region="us-east-1",
        )
        with saver.open(stored.name, stored.storage_type, stored.bucket_name) as file:
            assert file.read() == b"meow"
        saver.delete(stored.name, storage_type=stored.storage_type, bucket_name=stored.bucket_name)
        assert not stored.exists()


def test_one_extension_serves_two_apps(make_local: MakeSite, make_s3: MakeSite) -> None:
    """State belongs to the app: one Uploads stores one app's files on disk, the other's on S3."""
    uploads = Uploads()
    sites = [make_local(uploads), make_s3(uploads)]
    for site in sites:
        with site.app.app_context():
            uploads.save(posted(b"x", "a.txt"))
        assert site.names() == ["a.txt"]


def test_an_app_without_uploads_is_told_how() -> None:
    """Saving in an app that lacks the extension names what to call."""
    with Flask(__name__).app_context(), pytest.raises(ConfigError, match=r"init_app\(app\)"):
        Uploads().save(posted(b"x"))


def test_open_event_s_upload_gives_the_url(site: Site) -> None:
    """upload(file, key) stores under the key, replaces what was there, and gives the absolute
    URL."""
    with site.app.test_request_context(base_url="https://example.com"):
        upload(posted(b"old"), "users/1/avatar")
        url = upload(posted(picture()), "users/1/avatar")
    assert site.read("users/1/avatar") == picture()
    assert url.endswith("/users/1/avatar")
    if not site.on_s3:
        assert url == "https://example.com/uploads/users/1/avatar"
        answer = site.get(url)
        assert answer.mimetype == "image/png"  # the key has no extension: by the bytes


@pytest.mark.parametrize("missing", [None, "BUCKET_NAME", "AWS_KEY", "AWS_SECRET"])
def test_open_event_s_environment(
    monkeypatch: pytest.MonkeyPatch,
    make_local: MakeSite,
    on_s3: dict[str, str],
    missing: str | None,
) -> None:
    """Where the app asks for the environment, BUCKET_NAME, AWS_KEY and AWS_SECRET in it let upload
    store on S3; if one is missing, or the app does not ask, on disk."""
    names = {
        "BUCKET_NAME": "UPLOADS_S3_BUCKET_NAME",
        "AWS_KEY": "UPLOADS_S3_ACCESS_KEY_ID",
        "AWS_SECRET": "UPLOADS_S3_ACCESS_KEY_SECRET",
    }
    for name, setting in names.items():
        if name != missing:
            monkeypatch.setenv(name, on_s3[setting])
    settings = {key: on_s3[key] for key in ("UPLOADS_S3_REGION", "UPLOADS_S3_ENDPOINT_URL")}
    assert not make_local(**settings).on_s3
    site = make_local(UPLOADS_FROM_ENVIRONMENT=True, UPLOADS_S3_PREFIX="", **settings)
    with site.app.test_request_context():
        url = upload(posted(b"x"), "a.txt")
    assert site.on_s3 == (missing is None)
    assert (on_s3["UPLOADS_S3_BUCKET_NAME"] in url) == site.on_s3
    assert site.read("a.txt") == b"x"


def test_what_can_run_script_is_a_download_on_s3_too(make_s3: MakeSite) -> None:
    """HTML and SVG get a Content-Disposition of attachment in the bucket; pictures do not."""
    site = make_s3(UPLOADS_PRIVATE=True)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    with site.app.app_context():
        urls = {
            name: site.uploads.save(posted(data, name)).url
            for name, data in {"a.html": b"<script>", "a.svg": svg, "a.png": picture()}.items()
        }
    dispositions = {
        name: fetch(url).headers.get("Content-Disposition") for name, url in urls.items()
    }
    assert dispositions == {"a.html": "attachment", "a.svg": "attachment", "a.png": None}


def test_an_acl_is_sent_only_if_asked_for(make_s3: MakeSite) -> None:
    """Without UPLOADS_S3_ACL an object is its owner's alone; with it, saved and claimed files have
    that ACL."""
    private, public = make_s3(), make_s3(UPLOADS_S3_ACL="public-read")
    with private.app.app_context():
        url = private.uploads.save(posted(b"x", "private.txt")).url
        assert len(_grants(private, "private.txt")) == 1
    with public.app.app_context():
        public.uploads.save(posted(b"x", "saved.txt"))
    stored = public.claim(public.upload(picture()))
    assert len(_grants(public, "saved.txt")) == len(_grants(public, stored.name)) == 2
    assert url


def _grants(site: Site, name: str) -> list[object]:
    client = site.storage.client  # type: ignore[union-attr]
    acl = client.get_object_acl(Bucket=site.storage.bucket_name, Key=name)  # type: ignore[union-attr]
    return list(acl["Grants"])


def test_stored_files_of_both_storages_live_side_by_side(make_s3: MakeSite) -> None:
    """After the switch to S3, files saved on disk before are still read, served and deleted."""
    site = make_s3(UPLOADS_USE_S3=False)
    with site.app.test_request_context():
        old = site.uploads.save(posted(b"old", "a.txt")).to_dict()
    site = make_s3()
    with site.app.test_request_context():
        stored = StoredFile.from_dict(old).bind(site.uploads.storages)
        with stored.open() as file:
            assert file.read() == b"old"
        assert site.get(stored.url).data == b"old"
        stored.delete()
        assert not stored.exists()
