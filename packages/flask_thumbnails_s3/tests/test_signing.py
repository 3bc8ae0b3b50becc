"""Signatures and tokens."""

from string import ascii_letters, digits

import pytest
from thumbnail_place import Place

from flask_thumbnails_s3._signing import Purpose, RouteSigner


@pytest.mark.parametrize(
    ("file", "other"),
    [(("a", "b/c"), ("a/b", "c")), (("", "a/b"), ("a", "b")), (("a", "b%2Fc"), ("a", "b/c"))],
    ids=["slash in bucket", "no bucket", "escaped"],
)
def test_no_two_files_share_a_signature(
    file: tuple[str, str], other: tuple[str, str], disk: Place
) -> None:
    """The signature of a bucket and a name is that of no other two, in any spelling."""
    with disk.app(THUMBNAIL_MODE="lazy").app_context():
        signer = RouteSigner(Purpose.READY, 60)
        tokens = [signer.token(name, bucket_name) for bucket_name, name in (file, other)]
        assert [signer.read_token(token) for token in tokens] == [file[::-1], other[::-1]]
        assert tokens[0].partition("/")[0] != tokens[1].partition("/")[0]


@pytest.mark.parametrize("name", ["a b/ü.jpg", 'a"\\#?%41.jpg', "a\udc80.jpg"])
def test_a_token_keeps_any_name(name: str, disk: Place) -> None:
    """Whatever characters a name has, its token is one word of a URL, and says which it is."""
    with disk.app(THUMBNAIL_MODE="lazy").app_context():
        signer = RouteSigner(Purpose.READY, 60)
        token = signer.token(name)
        assert set(token) <= set(f"{ascii_letters}{digits}-_.~/%")
        if name.isprintable():
            assert signer.read_token(token) == (name, "")
