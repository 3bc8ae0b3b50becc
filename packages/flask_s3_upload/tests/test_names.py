"""Where an upload is stored."""

import pytest

from flask_s3_upload._names import candidates, final_name
from untrusted_files import RejectedError


def test_ids_are_url_safe() -> None:
    """The id stands before the extension and is never the same."""
    names = list(candidates("a/b.tar.gz"))
    assert names[0] == "a/b.tar.gz"
    assert len(set(names)) == len(names) == 11
    for name in names[1:]:
        assert name.startswith("a/b.tar-")
        assert name.endswith(".gz")
        assert int(name[8:-3], 16)


def test_no_file_takes_the_name_of_the_pending_folder() -> None:
    """A visitor's file called pending gets an id, so that on disk the folder can still be made."""
    assert final_name("", "pending").startswith("pending-")
    assert final_name("avatars/", "pending") == "avatars/pending"
    for name in ("pending", "pending/a", "-", "-/a"):
        with pytest.raises(RejectedError, match="cannot be stored under its name"):
            final_name(name, "a.png")
