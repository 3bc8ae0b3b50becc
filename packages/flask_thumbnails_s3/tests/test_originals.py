"""Thumbnail(app, originals=uploads): what keeps the originals says where they are."""

import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from flask import Flask, render_template_string
from image_files import ImageFile, OpenImage
from originals_keeper import Keeper, counted_requests, render
from PIL import Image
from werkzeug.local import LocalProxy

from flask_thumbnails_s3 import ConfigError, StorageFailedError, ThreadQueue, Thumbnail
from s3_saver import LocalStorage, PrefixRegistry, S3Storage, Storages, StoredFile
from s3_saver.testing import S3Server

KINDS = ["memory", "disk", "s3"]


@pytest.fixture(params=KINDS)
def keeper(request: pytest.FixtureRequest, make_keeper: Callable[..., Keeper]) -> Keeper:
    return make_keeper(request.param)


@pytest.fixture
def make_keeper(
    s3_server: S3Server, make_s3_bucket: Callable[[], str], tmp_path: Path
) -> Callable[..., Keeper]:
    def make(kind: str, **options: Any) -> Keeper:
        bucket_name = make_s3_bucket() if kind == "s3" else ""
        return Keeper.of(kind, str(tmp_path), s3_server, bucket_name, **options)

    return make


def fetch(app: Flask, url: str) -> bytes:
    """What a browser gets from a URL of a page."""
    if url.startswith("/"):
        answer = app.test_client().get(url)
        assert answer.status_code == 200
        return answer.get_data()
    with urlopen(url) as response:
        data: bytes = response.read()
        return data


def test_filter(keeper: Keeper, image_file: ImageFile, open_image: OpenImage) -> None:
    """A row's file is all that a template passes; the thumbnail's URL is signed, and shows it."""
    stored = keeper.save("pictures/cat.jpg", image_file((80, 60)))
    app = keeper.app(thumbnail=Thumbnail(originals=keeper))
    url = render(app, "{{ image|thumbnail('40x40') }}", image=stored).replace("&amp;", "&")
    assert "ignature=" in url
    assert open_image(fetch(app, url)).size == (40, 30)
    assert keeper.names() == ["pictures/cat_40x40_85.jpg"]


def test_public(keeper: Keeper, image_file: ImageFile) -> None:
    """With S3_PRIVATE off the URLs are plain."""
    stored = keeper.save("cat.jpg", image_file())
    url = render(keeper.app(S3_PRIVATE=False), "{{ image|thumbnail('40x40') }}", image=stored)
    assert "?" not in url
    assert url.endswith("/cat_40x40_85.jpg")


def test_all_filters(keeper: Keeper, image_file: ImageFile) -> None:
    """srcset and picture take a row's file, too, as filters and as functions."""
    stored = keeper.save("cat.jpg", image_file())
    page = render(
        keeper.app(),
        "{{ image|thumbnail_srcset('20x20') }} {{ thumbnail_picture(image, '20x20') }}"
        "{{ thumbnail(image, '10x10') }}",
        image=stored,
    )
    assert page.count("_40x40_") == 4
    assert len(keeper.names()) == 7


def test_a_name(keeper: Keeper, image_file: ImageFile) -> None:
    """Templates may go on with names: they are those of the first store's current storage."""
    keeper.save("cat.jpg", image_file())
    assert "cat_40x40_85.jpg" in render(keeper.app(), "{{ 'cat.jpg'|thumbnail('40x40') }}")


def test_no_image(keeper: Keeper) -> None:
    """A row without a picture has a placeholder, as an empty name has."""
    for image in (None, ""):
        url = render(keeper.app(), "{{ image|thumbnail('40x30') }}", image=image)
        assert url.startswith("data:image/svg+xml,")


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
def test_modes(mode: str, keeper: Keeper, image_file: ImageFile, open_image: OpenImage) -> None:
    """Each mode works; a size that the row's metadata has is known at once in all of them."""
    from flask_thumbnails_s3 import ThreadQueue

    stored = keeper.save("cat.jpg", image_file((80, 60)), width=80, height=60)
    queue = ThreadQueue()
    thumbnail = Thumbnail(originals=keeper, queue=queue)
    app = keeper.app(thumbnail=thumbnail, THUMBNAIL_MODE=mode)
    with app.test_request_context():
        first = thumbnail.thumbnail(stored, "40x40")
        assert (first.width, first.height) == (40, 30)
        queue.join()
        url = str(thumbnail.thumbnail(stored, "40x40"))
    if mode == "lazy":
        url = app.test_client().get(url).headers["Location"]
    assert open_image(fetch(app, url)).size == (40, 30)


def test_a_known_size_opens_no_thumbnail(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """Where the row knows the original's size, a thumbnail that is there is only looked for."""
    keeper = make_keeper("s3")
    stored = keeper.save("cat.jpg", image_file((80, 60)), width=80, height=60)
    keeper.thumbnails.save("cat_40x40_85.jpg", BytesIO(image_file((40, 30))))
    storage = keeper.storages.current
    assert isinstance(storage, S3Storage)
    while keeper.thumbnails.stat("cat_40x40_85.jpg").modified <= storage.stat("cat.jpg").modified:
        keeper.thumbnails.save("cat_40x40_85.jpg", BytesIO(image_file((40, 30))))
    app = keeper.app()
    with counted_requests(storage) as requests:
        page = render(
            app, "{% set t = image|thumbnail('40x40') %}{{ t.width }}x{{ t.height }}", image=stored
        )
    assert page == "40x30"
    assert requests == {"HeadObject": 2}


def test_files_that_wait(keeper: Keeper, image_file: ImageFile) -> None:
    """An upload that nobody has checked gets no thumbnail, even if a template names it."""
    app = keeper.app()
    for name in ("pending/cat.jpg", ".pending/cat.jpg"):
        stored = keeper.save(name, image_file())
        for image in (stored, name):
            url = render(app, "{{ image|thumbnail('40x40') }}", image=image)
            assert url.startswith("data:")
    assert keeper.names() == []


def test_unknown_places(
    keeper: Keeper, image_file: ImageFile, caplog: pytest.LogCaptureFixture
) -> None:
    """A file of a bucket or a store that the app lacks has a placeholder and one log line."""
    keeper.save("cat.jpg", image_file())
    app = keeper.app()
    foreign = [
        StoredFile("cat.jpg", storage_type="s3", bucket_name="payroll"),
        StoredFile("cat.jpg", store="invoices"),
    ]
    for image, why in zip(foreign, ("payroll", "'invoices'"), strict=True):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "flask_thumbnails_s3"):
            for size in ("40x40", "20x20"):
                page = render(app, "{{ image|thumbnail(size) }}", image=image, size=size)
                assert page.startswith("data:")
        (line,) = caplog.messages
        assert why in line
    with app.app_context(), pytest.raises(StorageFailedError, match="no.*store|stores"):
        Thumbnail(originals=keeper).delete(foreign[1])
    assert keeper.names() == []


def test_a_file_that_is_not_bound(keeper: Keeper, image_file: ImageFile) -> None:
    """What says where a file is are its values: a row that was read as a plain dict will do."""
    stored = keeper.save("cat.jpg", image_file())
    plain = StoredFile.from_dict(stored.to_dict())
    assert "cat_40x40_85.jpg" in render(keeper.app(), "{{ image|thumbnail('40x40') }}", image=plain)


def test_a_file_says_where_it_is(keeper: Keeper, image_file: ImageFile) -> None:
    """A StoredFile with another location next to it is a mistake, and is answered in words."""
    stored = keeper.save("cat.jpg", image_file())
    with pytest.raises(ValueError, match="leave out storage_type and bucket_name"):
        render(keeper.app(), "{{ image|thumbnail('9x9', storage_type='') }}", image=stored)


def test_the_focal_point(keeper: Keeper, image_file: ImageFile, open_image: OpenImage) -> None:
    """A crop that names no place shows the row's focal point; one that does goes over it."""
    stored = keeper.save("cat.jpg", image_file((80, 60)), focus=[90, 50.5])
    app = keeper.app()
    render(app, "{{ image|thumbnail('20x20', crop='fit') }}", image=stored)
    render(app, "{{ image|thumbnail('20x20', crop='left') }}", image=stored)
    render(app, "{{ image|thumbnail('20x20') }}", image=stored)
    assert keeper.names() == [
        "cat_20x20_85.jpg",
        "cat_20x20_at90-50.5_85.jpg",
        "cat_20x20_left_85.jpg",
    ]


@pytest.mark.parametrize("focus", ["30%,40%", [1], [101, 0], [None, 1], [float("nan"), 1], {}])
def test_what_is_no_focal_point(focus: object, image_file: ImageFile, tmp_path: Path) -> None:
    """Metadata that is none of ours counts for nothing."""
    keeper = Keeper.of("memory", str(tmp_path), None, "")
    stored = keeper.save("cat.jpg", image_file(), focus=focus, width="80", height=True)
    page = render(keeper.app(), "{{ image|thumbnail('20x20', crop='fit') }}", image=stored)
    assert "cat_20x20_fit_85.jpg" in page


def test_delete(keeper: Keeper, image_file: ImageFile) -> None:
    """Wherever a file is deleted through its storages, its thumbnails go, and no other's."""
    app = keeper.app()
    files = [keeper.save(name, image_file()) for name in ("a.jpg", "a_b.jpg", "c.jpg", "d.jpg")]
    template = "{{ image|thumbnail('20x20') }}{{ image|thumbnail('9x9', format='webp') }}"
    for stored in files:
        render(app, template, image=stored)
    files[0].delete()
    assert keeper.names() == [
        "a_b_20x20_85.jpg",
        "a_b_9x9_80_jpg.webp",
        "c_20x20_85.jpg",
        "c_9x9_80_jpg.webp",
        "d_20x20_85.jpg",
        "d_9x9_80_jpg.webp",
    ]
    keeper.storages.delete(*files[1:3])
    assert keeper.names() == ["d_20x20_85.jpg", "d_9x9_80_jpg.webp"]
    page = render(app, template, image=files[0])
    assert page.count("data:image/svg") == 2  # the cache has forgotten them


@pytest.mark.parametrize("name", ["cat.jpg", "0123456789abcdef.jpg"])
def test_replaced_under_its_own_name(
    name: str, keeper: Keeper, image_file: ImageFile, open_image: OpenImage
) -> None:
    """A page shows the new picture at once, in all sizes; another's thumbnails stay."""
    app = keeper.app()
    other = keeper.save("other.jpg", image_file())
    template = "{{ image|thumbnail('20x20')|safe }}"
    shown = {}
    render(app, template, image=other)
    for color in ("red", "blue"):
        stored = keeper.save(name, image_file(image=Image.new("RGB", (80, 60), color)))
        assert keeper.names() == ["other_20x20_85.jpg"]
        image = open_image(fetch(app, render(app, template, image=stored)))
        red, _, blue = image.convert("RGB").resize((1, 1)).tobytes()
        shown[color] = red > blue
    assert shown == {"red": True, "blue": False}


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
@pytest.mark.parametrize("is_private", [True, False])
def test_replaced_by_a_process_with_another_cache(
    mode: str,
    is_private: bool,
    make_keeper: Callable[..., Keeper],
    image_file: ImageFile,
    open_image: OpenImage,
) -> None:
    """A page that shows the URL of a thumbnail that another process has deleted leads to the new
    picture, though its own process does not know of the deletion.
    """
    mine, other = make_keeper("disk"), make_keeper("disk")
    queue = ThreadQueue()
    thumbnail = Thumbnail(originals=mine, queue=queue)
    app = mine.app(thumbnail=thumbnail, THUMBNAIL_MODE=mode, S3_PRIVATE=is_private)
    other.app()
    stored = mine.save("cat.jpg", image_file(image=Image.new("RGB", (80, 60), "red")))
    template = "{{ image|thumbnail('20x20')|safe }}"
    url = render(app, template, image=stored)
    if mode != "inline":
        app.test_client().get(url)
        queue.join()
        url = render(app, template, image=stored)
    assert app.test_client().get(url).status_code == 200

    other.save("cat.jpg", image_file(image=Image.new("RGB", (80, 60), "blue")))
    assert mine.names() == []
    assert render(app, template, image=stored) == url
    if mode == "queue":
        assert app.test_client().get(url).status_code == 404
        queue.join()
    image = open_image(fetch(app, url))
    red, _, blue = image.convert("RGB").resize((1, 1)).tobytes()
    assert blue > red


def test_a_new_file_costs_no_request(make_keeper: Callable[..., Keeper]) -> None:
    """Nothing is listed after a save that cannot replace anything; else the original's are."""
    keeper = make_keeper("s3")
    storage = keeper.storages.current
    assert isinstance(storage, S3Storage)
    keeper.app()
    with counted_requests(storage) as requests:
        keeper.storages.save("a.jpg", BytesIO(b"x"), overwrite=False)
    assert requests["ListObjectsV2"] == 0
    with counted_requests(storage) as requests:
        keeper.storages.save("a.jpg", BytesIO(b"y"))
    assert requests == {"PutObject": 1, "ListObjectsV2": 1}


def test_delete_many(make_keeper: Callable[..., Keeper], image_file: ImageFile) -> None:
    """The thumbnails of a thousand originals take a few requests; without their neighbours' number
    one list for each is the most.
    """
    keeper = make_keeper("s3")
    storage = keeper.storages.current
    assert isinstance(storage, S3Storage)
    files = [keeper.save(f"p/{n}.jpg", b"x") for n in range(30)]
    for stored in files:
        keeper.thumbnails.save(f"{stored.name[:-4]}_20x20_85.jpg", BytesIO(b"x"))
    other = keeper.save("p/other.jpg", b"x")
    keeper.thumbnails.save("p/other_20x20_85.jpg", BytesIO(b"x"))
    keeper.app()
    with counted_requests(storage) as requests:
        keeper.storages.delete(*files)
    assert requests == {"DeleteObjects": 2, "ListObjectsV2": 1}
    assert keeper.names() == ["p/other_20x20_85.jpg"]
    with counted_requests(storage) as requests:
        other.delete()
    assert requests["ListObjectsV2"] == 1
    assert keeper.names() == []


def test_crowded_folders(
    make_keeper: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a list of all neighbours would take more requests, each original's are listed."""
    monkeypatch.setattr("flask_thumbnails_s3._deletes._BATCH", 1)
    keeper = make_keeper("s3")
    storage = keeper.storages.current
    assert isinstance(storage, S3Storage)
    files = [keeper.save(f"{n}.jpg", b"x") for n in range(10)]
    for n in range(20):
        keeper.thumbnails.save(f"{n}_20x20_85.jpg", BytesIO(b"x"))
    keeper.app()
    with counted_requests(storage) as requests:
        keeper.storages.delete(*files)
    assert requests["ListObjectsV2"] == 1 + len(files)
    assert keeper.names() == sorted(f"{n}_20x20_85.jpg" for n in range(10, 20))


def test_deleting_needs_no_app_context_and_never_fails_the_delete(
    keeper: Keeper, image_file: ImageFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script or a thread deletes as well; a storage that fails then fails no delete."""
    thumbnail = Thumbnail(originals=keeper)
    app = keeper.app(thumbnail=thumbnail)
    stored = keeper.save("cat.jpg", image_file())
    with app.app_context():
        assert thumbnail.generate(stored, ["20x20"]) == ["cat_20x20_85.jpg"]
        assert thumbnail.delete(stored) == ["cat_20x20_85.jpg"]
        thumbnail.generate(stored, ["20x20"])
    monkeypatch.setattr("flask_thumbnails_s3._setup.delete_all_thumbnails", lambda *_: 1 / 0)
    stored.delete()
    assert not stored.exists()
    assert keeper.names() == ["cat_20x20_85.jpg"]
    with app.app_context():
        assert thumbnail.prune(force=True) == ["cat_20x20_85.jpg"]


def test_commands(keeper: Keeper, image_file: ImageFile) -> None:
    """The commands find originals and thumbnails as the filter does."""
    keeper.save("cat.jpg", image_file())
    keeper.save("pending/other.jpg", image_file())
    run = keeper.app().test_cli_runner().invoke
    assert "1 image\n" in run(args=["thumbnails", "generate", "20x20"]).output
    assert "1 image\n" in run(args=["thumbnails", "generate", "20x20"]).output
    assert keeper.names() == ["cat_20x20_85.jpg"]
    result = run(args=["thumbnails", "check"])
    assert (result.exit_code, result.output.count("✗")) == (0, 0), result.output
    result = run(args=["thumbnails", "delete", "--yes", "cat.jpg"])
    assert "1 thumbnail deleted" in result.output
    result = run(args=["thumbnails", "prune", "--store", "nope"])
    assert result.exit_code == 1
    assert "not of 'nope'" in result.output


@pytest.mark.parametrize("mode", ["inline", "lazy"])
def test_mails_and_scripts(
    mode: str, make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """Where the files' URLs have a domain by a setting, so do those of their thumbnails, in a
    request and without one; SERVER_NAME does, too, and without either words say what to set.
    """
    for store, key, value, start in (
        ("", "UPLOADS_DOMAIN", "https://example.com/", "https://example.com/_thumbnails/"),
        ("photos", "PHOTOS_DOMAIN", "http://a.example", "http://a.example/_thumbnails/"),
        ("", "SERVER_NAME", "b.example", "http://b.example/_thumbnails/"),
        ("photos", "UPLOADS_DOMAIN", "https://example.com", ""),
    ):
        config: dict[str, Any] = {"THUMBNAIL_MODE": mode, key: value}
        keeper = make_keeper("disk", store=store)
        stored = keeper.save("cat.jpg", image_file())
        app = keeper.app(**config)
        template = "{{ image|thumbnail('20x20')|safe }}"
        with app.app_context():
            if not start:
                with pytest.raises(ConfigError, match=r"SERVER_NAME is missing: .*UPLOADS_DOMAIN"):
                    render_template_string(template, image=stored)
                continue
            url = render_template_string(template, image=stored)
        assert url.startswith(start)
        if key != "SERVER_NAME":
            assert render(app, template, image=stored) == url
        client = app.test_client()
        assert client.get(url, follow_redirects=True).status_code == 200


def test_the_check_asks_the_app_whatever_its_domain(make_keeper: Callable[..., Keeper]) -> None:
    """flask thumbnails check needs no server at the domain."""
    app = make_keeper("disk").app(UPLOADS_DOMAIN="https://nowhere.invalid")
    result = app.test_cli_runner().invoke(args=["thumbnails", "check"])
    assert "✓ whoever has the signed URL of a thumbnail on disk sees it" in result.output


def test_mails_on_s3(make_keeper: Callable[..., Keeper], image_file: ImageFile) -> None:
    """The URL of a thumbnail in a bucket needs neither a request nor a setting."""
    keeper = make_keeper("s3")
    stored = keeper.save("cat.jpg", image_file())
    app = keeper.app()
    with app.app_context():
        url = render_template_string("{{ image|thumbnail('20x20')|safe }}", image=stored)
    assert fetch(app, url)


def test_several_stores(make_keeper: Callable[..., Keeper], image_file: ImageFile) -> None:
    """Each store has its own thumbnails, of files that may have the same name, and no URL of one
    holds for another.
    """
    keepers = [make_keeper("memory"), make_keeper("disk", store="invoices")]
    app = keepers[0].app(keepers[1], THUMBNAIL_MODE="lazy")
    files = [
        keeper.save("cat.jpg", image_file(size))
        for keeper, size in zip(keepers, ((40, 40), (40, 20)), strict=True)
    ]
    urls = [
        render(app, "{{ image|thumbnail('20x20') }}", image=stored).replace("&amp;", "&")
        for stored in files
    ]
    assert "store=" not in urls[0]
    assert urls[1].endswith("&store=invoices")
    client = app.test_client()
    sent = [client.get(url).headers["Location"] for url in urls]
    assert [client.get(url).status_code for url in sent] == [200, 200]
    assert client.get(sent[1].replace("invoices", "")).status_code == 403
    assert client.get(sent[0] + "&store=invoices").status_code == 403
    assert client.get(sent[0] + "&store=nope").status_code == 404
    folder = Path(keepers[0].root, "instance/thumbnails-invoices")
    assert [path.name for path in folder.iterdir()] == ["cat_20x20_85.jpg"]
    assert keepers[0].names() == ["cat_20x20_85.jpg"]
    files[1].delete()
    assert list(folder.iterdir()) == []
    assert keepers[0].names() == ["cat_20x20_85.jpg"]


def test_public_and_private_stores(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """A store's own setting says whether its thumbnails are private, as it says so of its files."""
    keepers = [make_keeper("memory"), make_keeper("disk", store="invoices")]
    files = [keeper.save("cat.jpg", image_file()) for keeper in keepers]

    def signed(**config: Any) -> list[bool]:
        app = keepers[0].app(keepers[1], **config)
        pages = [render(app, "{{ image|thumbnail('20x20') }}", image=one) for one in files]
        refused = []
        for page in pages:
            plain = page.partition("?")[0] + ("?store=invoices" if "store=" in page else "")
            refused.append(app.test_client().get(plain).status_code == 403)
        assert refused == ["signature=" in page for page in pages]
        return refused

    assert signed() == [True, True]
    assert signed(S3_PRIVATE=False) == [False, False]
    assert signed(S3_PRIVATE=False, INVOICES_PRIVATE=True) == [False, True]
    assert signed(UPLOADS_PRIVATE=False) == [False, True]
    assert signed(UPLOADS_PRIVATE=False, THUMBNAIL_S3_PRIVATE=True) == [True, True]


def test_stores_of_one_bucket(
    s3_server: S3Server, s3_bucket: str, image_file: ImageFile, tmp_path: Path
) -> None:
    """Thumbnails have a prefix next to that of their originals, which is no other store's."""
    names = {
        "uploads": "thumbnails",
        "uploads-invoices": "thumbnails-invoices",
        "avatars": "avatars-thumbnails",
        "a/uploads": "a/thumbnails",
    }
    keepers = [
        Keeper.of("s3", str(tmp_path), s3_server, s3_bucket, prefix=prefix, store=prefix)
        for prefix in names
    ]
    app = keepers[0].app(*keepers[1:])
    for keeper in keepers:
        stored = keeper.save("cat.jpg", image_file())
        render(app, "{{ image|thumbnail('20x20') }}", image=stored)
    found = [info.name for info in s3_server.storage(s3_bucket).find() if "_20x20" in info.name]
    assert sorted(found) == sorted(f"{prefix}/cat_20x20_85.jpg" for prefix in names.values())
    announced = PrefixRegistry.of(app.extensions)
    assert {one.prefix for one in announced if one.storage_type} == {
        f"{prefix}/" for pair in names.items() for prefix in pair
    }


def test_originals_without_a_prefix(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """In a bucket without a prefix, thumbnails are in a folder that names of users don't lead to,
    and no list of originals has them.
    """
    keeper = make_keeper("s3", prefix="")
    stored = keeper.save("cat.jpg", image_file())
    app = keeper.app()
    render(app, "{{ image|thumbnail('20x20') }}", image=stored)
    assert keeper.names() == ["cat_20x20_85.jpg"]
    result = app.test_cli_runner().invoke(args=["thumbnails", "generate", "20x20"])
    assert "1 image\n" in result.output


def test_files_of_the_disk_and_of_s3(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """After a switch to S3, thumbnails of what is still on disk stay there, without a setting."""
    keeper = make_keeper("s3")
    LocalStorage(f"{keeper.root}/uploads").save("old.jpg", BytesIO(image_file()))
    app = keeper.app()
    old = StoredFile("old.jpg").bind(keeper.storages)
    url = render(app, "{{ image|thumbnail('20x20') }}", image=old)
    assert url.startswith("/_thumbnails/file/old_20x20_85.jpg?")
    folder = Path(keeper.root, "instance/thumbnails")
    assert [path.name for path in folder.iterdir()] == ["old_20x20_85.jpg"]
    old.delete()
    assert list(folder.iterdir()) == []


def test_svg(make_keeper: Callable[..., Keeper]) -> None:
    """An SVG's URL is the one that its storages make; where these make none, the app's own."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    with_url = make_keeper("memory", url=lambda file: f"https://files.example/{file.name}")
    stored = with_url.save("a.svg", svg)
    url = render(with_url.app(), "{{ image|thumbnail('20x20') }}", image=stored)
    assert url == "https://files.example/a.svg"
    for kind in KINDS:
        keeper = make_keeper(kind)
        app = keeper.app()
        stored = keeper.save("a.svg", svg)
        url = render(app, "{{ image|thumbnail('20x20') }}", image=stored).replace("&amp;", "&")
        assert fetch(app, url) == svg


def test_superfluous_settings_are_not_read(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """What the storages know, no setting says: wrong ones are not even seen."""
    keeper = make_keeper("s3")
    stored = keeper.save("cat.jpg", image_file())
    app = keeper.app(
        MEDIA_FOLDER=7, THUMBNAIL_S3_BUCKET_NAME="other-bucket", S3_REGION="mars", USE_S3="x"
    )
    page = render(app, "{{ image|thumbnail('20x20') }}", image=stored)
    assert f"/{keeper.storages.current.bucket_name}/thumbnails/cat_20x20_85.jpg?" in page  # type: ignore[attr-defined]


def test_the_folder_on_disk_can_be_chosen(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """Machines that share a disk say where; a folder in that of the originals is refused."""
    keeper = make_keeper("disk")
    stored = keeper.save("cat.jpg", image_file())
    app = keeper.app(MEDIA_THUMBNAIL_FOLDER=f"{keeper.root}/shared")
    render(app, "{{ image|thumbnail('20x20') }}", image=stored)
    assert [path.name for path in Path(keeper.root, "shared").iterdir()] == ["cat_20x20_85.jpg"]
    with pytest.raises(ConfigError, match="MEDIA_THUMBNAIL_FOLDER must be a folder of its own"):
        keeper.app(MEDIA_THUMBNAIL_FOLDER=f"{keeper.root}/uploads/thumbs")


def test_caching(make_keeper: Callable[..., Keeper], image_file: ImageFile) -> None:
    """Thumbnails in a bucket are stored with the same Cache-Control as without originals=."""
    keeper = make_keeper("s3")
    stored = keeper.save("0123456789abcdef.jpg", image_file())
    render(keeper.app(), "{{ image|thumbnail('20x20') }}", image=stored)
    storage = keeper.thumbnails
    assert isinstance(storage, S3Storage)
    head = storage.client.head_object(
        Bucket=storage.bucket_name, Key="thumbnails/0123456789abcdef_20x20_85.jpg"
    )
    assert head["CacheControl"] == "private, max-age=31536000, immutable"
    assert head["ContentType"] == "image/jpeg"


def test_storages_that_are_found_by_the_app(
    make_keeper: Callable[..., Keeper], image_file: ImageFile
) -> None:
    """Storages may be a proxy that finds those of the current app."""
    keeper = make_keeper("memory")
    stored = keeper.save("cat.jpg", image_file())

    class Uploads:
        storages: Any = LocalProxy(lambda: keeper.storages)

    page = render(
        keeper.app(thumbnail=Thumbnail(originals=Uploads())),
        "{{ image|thumbnail('20x20') }}",
        image=stored,
    )
    assert "cat_20x20_85.jpg" in page


def test_wrong_originals(make_keeper: Callable[..., Keeper]) -> None:
    """What has no storages, none for this app yet, or the same store twice is refused in words."""

    def missing() -> Storages:
        raise ConfigError("call uploads.init_app(app)")

    class Uploads:
        storages: Any = LocalProxy(missing)

    keeper = make_keeper("memory")
    for wrong, words in (
        (object(), "whose .storages is a Storages"),
        ([], "one or more"),
        ("uploads", "whose .storages is a Storages"),
        ([keeper, keeper], "two of them have the store ''"),
        (Uploads(), r"call its init_app\(app\) before"),
    ):
        originals: Any = wrong
        with pytest.raises(ConfigError, match=words):
            keeper.app(thumbnail=Thumbnail(originals=originals))
    with pytest.raises(ConfigError, match="storage_for and originals both"):
        Thumbnail(originals=keeper, storage_for=lambda *_: keeper.storages.current)
