"""StoredFile: a plain value, and what it is bound to."""

import copy
import io
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_saver import (
    ArgumentError,
    NotConfiguredError,
    S3Storage,
    Storages,
    StoredFile,
    UnboundError,
)
from s3_saver.testing import MemoryStorage

TOM = StoredFile(
    name="cats/tom.jpg",
    size=4,
    content_type="image/jpeg",
    storage_type="s3",
    bucket_name="media",
    filename="Tom, sleeping.JPG",
    store="avatars",
    metadata={"width": 800, "height": 600},
)


@pytest.fixture
def storages(tmp_path: Path) -> Storages:
    """A folder, and a function that makes URLs."""
    return Storages(
        tmp_path,
        url=lambda file: f"https://example.com/{file.name}?signed",
        permanent_url=lambda file: f"https://example.com/stay/{file.name}",
    )


def test_a_stored_file_survives_json() -> None:
    """What a JSON column keeps is read back as an equal value."""
    kept = json.loads(json.dumps(TOM.to_dict()))
    assert StoredFile.from_dict(kept) == TOM
    assert list(kept) == [
        "name",
        "size",
        "content_type",
        "storage_type",
        "bucket_name",
        "filename",
        "store",
        "metadata",
    ]


def test_a_dataclass_s_dict_is_read_back_too(storages: Storages) -> None:
    """flask.jsonify takes dataclasses by asdict, in which no storages are."""
    kept = json.loads(json.dumps(asdict(TOM.bind(storages))))
    assert StoredFile.from_dict(kept) == TOM


def test_keys_of_a_later_version_are_kept() -> None:
    """A row that a newer release has written loses nothing when an older one writes it again."""
    later = {**TOM.to_dict(), "focal_point": [0.5, 0.25]}
    stored = StoredFile.from_dict(later)
    assert stored.to_dict() == later
    assert StoredFile.from_dict(asdict(stored)).to_dict() == later
    assert stored.replace(size=5).to_dict() == {**later, "size": 5}


@given(
    st.dictionaries(
        st.sampled_from([*TOM.to_dict(), "extra", "later"]),
        st.none() | st.integers() | st.text(max_size=3) | st.dictionaries(st.text(), st.booleans()),
    )
)
def test_any_dict_is_a_stored_file_or_an_argument_error(data: dict[str, Any]) -> None:
    """What is in a JSON column never raises anything else, and what it makes has no wrong types."""
    try:
        stored = StoredFile.from_dict(data)
    except ArgumentError:
        return
    assert stored.name
    assert StoredFile.from_dict(stored.to_dict()) == stored


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "data must be a stored file's, with a 'name', got {}"),
        ({"name": "a", "size": "4"}, r"data\['size'\] must be of type int, got '4'"),
        ({"name": "a", "size": True}, r"data\['size'\] must be of type int, got True"),
        ({"name": 5}, r"data\['name'\] must be of type str, got 5"),
        ({"name": "a", "metadata": []}, r"data\['metadata'\] must be of type dict, got \[\]"),
        ("a.jpg", "data must be the dict that to_dict.. returned, got 'a.jpg'"),
    ],
)
def test_wrong_data_is_refused_by_the_key(data: Any, message: str) -> None:
    """The error names the key, what it must be, and its value."""
    with pytest.raises(ArgumentError, match=message):
        StoredFile.from_dict(data)


def test_null_in_json_is_what_the_field_has_by_default() -> None:
    """Columns of other programs say null for a file on disk."""
    stored = StoredFile.from_dict({"name": "a", "storage_type": None, "metadata": None})
    assert stored == StoredFile("a")


def test_a_stored_file_does_not_change() -> None:
    """Neither its fields nor its metadata: rows, caches and other threads share it."""
    with pytest.raises(FrozenInstanceError):
        TOM.size = 5  # type: ignore[misc]
    changes: list[Any] = [
        lambda metadata: metadata.update(width=1),
        lambda metadata: metadata.__setitem__("width", 1),
        lambda metadata: metadata.pop("width"),
        lambda metadata: metadata.clear(),
    ]
    for change in changes:
        with pytest.raises(TypeError, match="read-only"):
            change(TOM.metadata)
    assert TOM.metadata == {"width": 800, "height": 600}


def test_a_caller_s_dict_is_copied() -> None:
    """What the caller does with its dict later is not the stored file's."""
    metadata = {"width": 800}
    stored = StoredFile("a", metadata=metadata)
    metadata["width"] = 1
    assert stored.metadata == {"width": 800}


def test_what_it_is_bound_to_is_no_part_of_the_value(storages: Storages) -> None:
    """Equality, hash, repr, JSON and pickle are those of the unbound value."""
    bound = TOM.bind(storages)
    assert bound == TOM
    assert hash(bound) == hash(TOM)
    assert repr(bound) == repr(TOM)
    assert bound.to_dict() == TOM.to_dict()
    thawed = pickle.loads(pickle.dumps(bound))
    assert thawed == TOM
    with pytest.raises(UnboundError):
        _ = thawed.storages


def test_copies_of_a_stored_file_stay_bound(storages: Storages) -> None:
    """A read-only value is its own copy; a changed one belongs to the same storages."""
    bound = TOM.bind(storages)
    assert copy.copy(bound).storages is storages
    assert copy.deepcopy({"a": bound})["a"].storages is storages
    assert bound.replace(size=5).storages is storages
    assert bound.replace(size=5) == StoredFile.from_dict({**TOM.to_dict(), "size": 5})


@pytest.mark.parametrize(
    "call",
    [
        attrgetter("url"),
        attrgetter("permanent_url"),
        attrgetter("relative_url"),
        attrgetter("absolute_path"),
        StoredFile.open,
        StoredFile.delete,
    ],
)
def test_an_unbound_one_names_the_call_that_binds(call: Callable[[StoredFile], Any]) -> None:
    """The error says bind(), wherever the value came from."""
    unbound = StoredFile.from_dict(TOM.to_dict())
    with pytest.raises(
        UnboundError, match=r"not bound .*: call stored\.bind\(storages\)"
    ) as caught:
        call(unbound)
    assert caught.value.name == "cats/tom.jpg"


def test_a_bound_one_opens_shows_and_deletes_its_file(storages: Storages, tmp_path: Path) -> None:
    """The storages do it; the file is gone afterwards, for everybody."""
    stored = storages.save("cats/tom.jpg", io.BytesIO(b"meow"))
    with stored.open() as file:
        assert file.read() == b"meow"
    assert stored.exists()
    assert stored.url == "https://example.com/cats/tom.jpg?signed"
    assert stored.relative_url == "/cats/tom.jpg?signed"
    assert stored.permanent_url == "https://example.com/stay/cats/tom.jpg"
    assert stored.relative_path == "cats/tom.jpg"
    assert stored.absolute_path == str(tmp_path / "cats" / "tom.jpg")
    stored.delete()
    assert not stored.exists()
    stored.delete()


def test_the_path_of_a_file_on_s3_is_its_key() -> None:
    """It has none on this machine's disk, and says so."""
    storages = Storages(storage=S3Storage("media", prefix="uploads"))
    stored = StoredFile("tom.jpg", storage_type="s3", bucket_name="media").bind(storages)
    assert stored.relative_path == "uploads/tom.jpg"
    with pytest.raises(UnboundError, match=r"has no path on disk: use open\(\)"):
        _ = stored.absolute_path


def test_the_same_file_is_told_by_its_location() -> None:
    """Sizes and types differ from row to row; name, storage, bucket and store say which file it
    is."""
    same = StoredFile("cats/tom.jpg", storage_type="s3", bucket_name="media", store="avatars")
    assert TOM.is_same_file(same)
    assert not TOM.is_same_file(same.replace(store=""))
    assert not TOM.is_same_file(StoredFile("cats/tom.jpg", store="avatars"))


def test_a_file_is_of_one_store() -> None:
    """The same name in another store is another file, which the storages of this one refuse: it
    may be private there."""
    invoices = Storages(storage=MemoryStorage(), store="invoices", url=lambda file: file.name)
    ours = Storages(storage=MemoryStorage(), url=lambda file: file.name)
    stored = invoices.save("a.pdf", io.BytesIO(b"x"))
    assert stored.store == "invoices"
    assert not stored.is_same_file(stored.replace(store=""))
    stray = stored.bind(ours)
    for use in (stray.open, stray.exists, stray.delete, lambda: stray.url):
        with pytest.raises(NotConfiguredError, match="'a.pdf' is in the store 'invoices'"):
            use()
    with pytest.raises(NotConfiguredError, match="in the store without a name"):
        stored.replace(store="").open()
    assert stored.exists()


def test_a_download_is_asked_of_the_function() -> None:
    """download_url comes from the function that was passed, which learns whether to show it."""
    storages = Storages(
        storage=MemoryStorage(),
        download_url=lambda file, inline: f"/{'show' if inline else 'save'}/{file.filename}",
    )
    stored = storages.save("a", io.BytesIO(b"x"), filename="my a.txt")
    assert stored.download_url() == "/save/my a.txt"
    assert stored.download_url(inline=True) == "/show/my a.txt"


def test_storages_without_urls_say_what_to_pass() -> None:
    """s3_saver knows no URLs: the error names the argument that makes them."""
    stored = Storages(storage=MemoryStorage()).save("a", io.BytesIO(b"x"))
    with pytest.raises(UnboundError, match="pass url= to Storages"):
        _ = stored.url
    with pytest.raises(UnboundError, match="pass permanent_url= to Storages"):
        _ = stored.permanent_url
    with pytest.raises(UnboundError, match="pass download_url= to Storages"):
        stored.download_url()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metadata": None}, "metadata must be a dict such as .* got None"),
        ({"metadata": [1]}, r"metadata must be a dict such as .* got \[1\]"),
        ({"extra": "later"}, "extra must be a dict, got 'later'"),
        ({"extra": {"name": "b"}}, r"extra must be of other keys than .* got \['name'\]"),
        ({"extra": {"extra": {"name": "b"}}}, r"extra must be of other keys than .*\['extra'\]"),
    ],
)
def test_fields_that_json_could_not_return_are_refused(
    fields: dict[str, Any], message: str
) -> None:
    """A key of a later version takes the place of no field, in code and in a row."""
    with pytest.raises(ArgumentError, match=message):
        StoredFile("a", **fields)


def test_a_row_s_extra_keys_are_none_of_its_fields() -> None:
    """So what is written again is what was read, and a name stays what it was."""
    with pytest.raises(ArgumentError, match=r"extra must be .* got \['name'\]"):
        StoredFile.from_dict({"name": "a", "extra": {"name": "b"}})
