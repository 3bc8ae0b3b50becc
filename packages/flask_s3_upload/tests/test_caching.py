"""Who may keep what the app answers."""

import pytest
from gallery import make_gallery
from sent_files import posted
from upload_site import MakeSite

from flask_s3_upload.serving._caching import file_caching, redirect_caching


@pytest.mark.parametrize(
    ("private", "is_asked", "wanted"),
    [
        (True, False, "private, max-age=1800"),
        (True, True, "private, no-cache"),
        (False, True, "private, no-cache"),
        (False, False, "no-cache"),
    ],
)
def test_redirects(private: bool, is_asked: bool, wanted: str) -> None:
    """A redirect is kept by the visitor's browser alone, for half of what the signature has left;
    not at all where the app decides who may read."""
    assert redirect_caching(private=private, is_asked=is_asked, left=3600) == wanted
    assert redirect_caching(private=True, is_asked=False, left=1) == "private, max-age=0"


@pytest.mark.parametrize(
    ("never_changes", "private", "is_asked", "wanted"),
    [
        (True, False, False, "public, max-age=31536000, immutable"),
        (True, True, False, "private, no-cache"),
        (True, False, True, "private, no-cache"),
        (False, False, False, "no-cache"),
    ],
)
def test_files(never_changes: bool, private: bool, is_asked: bool, wanted: str) -> None:
    """What is public and can never change is kept for ever; what is private is asked for again."""
    found = file_caching(never_changes=never_changes, private=private, is_asked=is_asked)
    assert found == wanted


@pytest.mark.parametrize(
    "name",
    [
        "avatars/0123456789abcdef.txt",  # no column's folder
        "pictures/a/0123456789abcdef.txt",
        "pictures/1234567890123456.txt",
        "pictures/20240101120000123456.txt",
        "pictures/tom-0123456789abcdef.txt",
        "pictures/d41d8cd98f00b204e9800998ecf8427e.txt",
    ],
)
def test_a_chosen_name_is_asked_for_again(make_local: MakeSite, name: str) -> None:
    """Whatever it looks like, its file can be replaced: browsers see the new one at once."""
    site = make_local()
    site.uploads.column("pictures/")
    for data in (b"one", b"two"):
        with site.app.test_request_context():
            url = site.uploads.save(posted(data, "a.txt"), to=name, overwrite=True).url
        answer = site.get(url)
        assert (answer.data, answer.headers["Cache-Control"]) == (data, "no-cache")


def test_a_column_s_file_is_kept(make_local: MakeSite) -> None:
    """Its name is the column's, and nobody replaces it under that."""
    gallery = make_gallery(make_local)
    with gallery.site.visit():
        row = gallery.picture(document=posted(b"one", "a.txt"))
        gallery.db.session.add(row)
        gallery.db.session.commit()
        answer = gallery.site.get(row.document.url)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        name = row.document.name
        with pytest.raises(ValueError, match="to must be another name where overwrite=True"):
            gallery.uploads.save(posted(b"two", "a.txt"), to=name, overwrite=True)
        gallery.db.engine.dispose()
