"""What a client's file name becomes."""

import pytest

from flask_s3_upload import RejectedError
from flask_s3_upload._names import candidates, clean_filename, place, with_id


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("cat.JPG", "cat.jpg"),
        ("C:\\Photos\\Grüße aus Köln!.JPG", "Grüße-aus-Köln.jpg"),
        ("../../etc/passwd", "passwd"),
        ("日本.txt", "日本.txt"),
        ("e\u0301.png", "é.png"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("evil.php.png", "evil.php.png"),
        ("<script>.html", "script.html"),
        ("a\x00b\n.txt", "a-b.txt"),
        (".htaccess", "htaccess"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("???.png", "file.png"),
        ("noextension", "noextension"),
        ("a.this is no extension", "a.this-is-no-extension"),
        ("\ud800.png", "png"),
        (".s3-saver-x.txt", "s3-saver-x.txt"),
    ],
)
def test_a_clean_name(sent: str | None, name: str) -> None:
    """No folders, nothing special, lowercase extension; letters of all scripts stay."""
    assert clean_filename(sent) == name


def test_a_long_name_is_cut() -> None:
    """A name fits a file system, with room for an id, and never ends in half a character."""
    name = clean_filename("ä" * 500 + ".jpeg")
    assert name.endswith("ä.jpeg")
    assert len(with_id(name).encode()) <= 255


def test_ids_are_short_and_url_safe() -> None:
    """The id stands before the extension and is never the same."""
    names = list(candidates("a/b.tar.gz"))
    assert names[0] == "a/b.tar.gz"
    assert len(set(names)) == len(names) == 11
    for name in names[1:]:
        assert name.startswith("a/b.tar-")
        assert name.endswith(".gz")
        assert name[8:-3].replace("-", "").replace("_", "").isalnum()


def test_no_file_takes_the_name_of_the_pending_folder() -> None:
    """A visitor's file called pending gets an id, so that on disk the folder can still be made."""
    assert place("", "pending").startswith("pending-")
    assert place("avatars/", "pending") == "avatars/pending"
    for name in ("pending", "pending/a", "-", "-/a"):
        with pytest.raises(RejectedError, match="cannot be used"):
            place(name, "a.png")
