"""The guard of names, and the way from paths to names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_saver import ArgumentError, UnsafeNameError, folder_in
from s3_saver._names import check_name, check_prefix, name_from_path

LEGAL = [
    "a",
    "a/b/c.txt",
    ".hidden",
    "..double",
    "...",
    "a b",
    " ",
    "café/日本.txt",
    "-rf",
    "a:b",
    "*?[]",
    "~",
    "a" * 255,
    "é" * 127,
    "/".join(["a" * 204] * 5),
]
ILLEGAL = {
    "": "empty",
    "/a": "absolute",
    "a\\b": "backslash",
    "a\0": "control",
    "a\nb": "control",
    "a\x85b": "control",
    "a\ufffe": "control",
    "a//b": "empty segment",
    "a/": "empty segment",
    ".": "segment '.'",
    "a/./b": "segment '.'",
    "..": "segment '..'",
    "../a": "segment '..'",
    "a/../b": "segment '..'",
    "a/..": "segment '..'",
    ".s3-saver-1": "the storage's own",
    "a/.s3-saver-1/b": "the storage's own",
    "a" * 256: "255 bytes",
    "é" * 128: "255 bytes",
    "/".join(["a" * 205] * 5): "1024",
    "a\ud800": "UTF-8",
}


@pytest.mark.parametrize("name", LEGAL)
def test_legal_names_pass_unchanged(name: str) -> None:
    """A name that every storage can hold is given back as it is."""
    assert check_name(name) == name
    assert check_prefix(name) == name


@pytest.mark.parametrize(("name", "rule"), ILLEGAL.items())
def test_illegal_names_are_refused_by_their_rule(name: str, rule: str) -> None:
    """The error says the name, and which rule it breaks."""
    with pytest.raises(UnsafeNameError) as caught:
        check_name(name)
    assert rule in caught.value.rule
    assert caught.value.name == name
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("name", [None, b"a", 1])
def test_a_name_is_a_string(name: object) -> None:
    """Anything but a string is a TypeError that shows a good one."""
    with pytest.raises(TypeError, match="name must be a str such as"):
        check_name(name)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="prefix must be a str such as"):
        check_prefix(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["", "a/", "a", ".", "..", "a/.", "a/..", ".s3"])
def test_a_prefix_may_end_anywhere(prefix: str) -> None:
    """A prefix is plain text, so it may end in a slash or in the middle of a segment."""
    assert check_prefix(prefix) == prefix


@pytest.mark.parametrize("prefix", ["/", "/a", "../", "a/../b", "a//", "./a", "a\\", "\0"])
def test_a_prefix_never_leads_outside(prefix: str) -> None:
    """Its whole segments obey the same rules as a name's."""
    with pytest.raises(UnsafeNameError):
        check_prefix(prefix)


@given(st.text())
def test_the_guard_agrees_with_its_rules(name: str) -> None:
    """Whatever text comes in, what passes is a clean relative POSIX path."""
    try:
        check_name(name)
    except UnsafeNameError:
        return
    segments = name.split("/")
    assert all(segment not in ("", ".", "..") for segment in segments)
    assert not set(name) & set("\\\0\n\r")
    assert len(name.encode()) <= 1024
    assert max(len(segment.encode()) for segment in segments) <= 255


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.jpg", "static/uploads/a.jpg"),
        ("thing/a.jpg", "static/uploads/thing/a.jpg"),
        ("/srv/app/static/uploads/a.jpg", "static/uploads/a.jpg"),
        ("/srv/app/static/uploads/", "static/uploads/"),
        ("/srv/app/static/uploads", "static/uploads/"),
    ],
)
def test_paths_become_names_below_the_root(path: str, name: str) -> None:
    """A relative path starts at the base, an absolute one below it is cut at the root."""
    assert name_from_path(path, "/srv/app/static/uploads", "/srv/app") == name


def test_the_base_may_be_written_as_the_application_does() -> None:
    """PROJECT_ROOT/../static is understood, in base and path alike."""
    base, root = "/srv/app/project/../static/uploads", "/srv/app/project/.."
    for start in (base, "/srv/app/static/uploads"):
        assert name_from_path(f"{start}/a.jpg", base, root) == "static/uploads/a.jpg"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/srv/application/a",
        "/srv/app",
        "/srv/app/app.py",
        "/srv/app/static/uploads",
        "/srv/app/static/uploads-of-others/a.jpg",
        "/srv/app/../secret",
        "/srv/app/static/uploads/../../app.py",
        "../../app.py",
        "a/../../../../x",
    ],
)
def test_paths_never_lead_outside(path: str) -> None:
    """Outside the base, be it in the project, or anywhere by '..', there are no names."""
    with pytest.raises(UnsafeNameError):
        check_name(name_from_path(path, "/srv/app/static/uploads", "/srv/app"))


def test_the_base_is_below_the_root() -> None:
    """A base elsewhere is a mistake in the settings, with both paths in the message."""
    with pytest.raises(ValueError, match=r"base_path must be .* '/srv/a', got '/srv/b'"):
        name_from_path("x", "/srv/b", "/srv/a")


@pytest.mark.parametrize(
    ("base", "root", "prefix"),
    [
        ("/srv/a/b", "/srv", "a/b/"),
        ("/srv/", "/srv", ""),
        ("/a", "/", "a/"),
        ("/srv/../a", "/", "a/"),
    ],
)
def test_the_prefix_of_a_folder(base: str, root: str, prefix: str) -> None:
    """A folder on disk has the prefix in a bucket that its path below the root is."""
    assert folder_in(base, root) == prefix
    with pytest.raises(
        ArgumentError, match=r"base_path must be below static_root_parent, which is"
    ):
        folder_in("/srv-other", "/srv")
