"""flask admin-uploads prune."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite, Page
from click.testing import CliRunner
from flask.cli import FlaskGroup
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.model import BaseModelView  # type: ignore[import-untyped]
from pictures import picture
from places import DiskPlace, Place
from sqlalchemy import JSON, event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from wtforms import Form

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
    _cli,
)
from s3_saver import FileInfo, StorageUnavailableError
from s3_saver.testing import MemoryStorage

PRUNE = ("admin-uploads", "prune")


def age_files(disk: DiskPlace) -> None:
    """Let all files be two days old."""
    for name in disk.names():
        then = time.time() - 2 * 24 * 3600
        os.utime(disk.folder / name, (then, then))


def listed(site: AdminSite) -> list[str]:
    with site.app.app_context():
        return sorted(file.name for file, _ in _cli.find_orphans())


def test_orphans_are_what_no_row_names(make_site: MakeSite, place: Place) -> None:
    """Files of rows and their thumbnails are none; pending ones and strangers are."""
    options = {**place.options, "thumbnail_size": (2, 2, True)}
    site = make_site(S3ImageUploadField, options)
    site.new(file=("cat.png", picture()))
    site.new("", ("pending.png", picture()))
    place.write("orphan.png", b"x")

    pending, orphan = listed(site)

    assert pending.startswith(".pending/")
    assert orphan == "orphan.png"


def test_rows_elsewhere_have_no_claim_here(make_site: MakeSite, disk: DiskPlace, s3: Place) -> None:
    """A row whose fields say S3 does not keep a file of that name on disk."""
    tracked = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}
    site = make_site(S3FileUploadField, {**s3.options, **tracked, "storage_type": None})
    site.insert(title="s3", file="a.txt", storage_type="s3", bucket_name=s3.bucket_name)
    site.insert(title="disk", file="b.txt", storage_type="", bucket_name="")
    disk.write("a.txt", b"a")
    disk.write("b.txt", b"b")

    assert listed(site) == ["a.txt"]


def test_keys_that_no_field_would_make_are_pruned_too(
    make_site: MakeSite, s3: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One odd key stops neither the command nor the others."""
    monkeypatch.setattr(_cli, "_SAFE_AGE", timedelta())
    site = make_site(S3FileUploadField, s3.options)
    site.new(file=("kept.txt", b"x"))
    for name in ("a//b.txt", "./c.txt", "d.txt"):
        s3.write(name, b"x")

    text = site.flask(*PRUNE, "--older-than", "0", "--yes")

    assert text.endswith("3 files that no row names\n3 deleted\n")
    assert s3.names() == ["kept.txt"]


def test_names_in_lists_are_named(make_site: MakeSite, place: Place) -> None:
    """All files of a list belong to its row."""
    site = make_site(S3MultipleFileUploadField, place.options, column=JSON)
    site.new(file=[("a.txt", b"a"), ("b.txt", b"b")])

    assert listed(site) == []


def test_dry_run_lists_and_deletes_nothing(make_site: MakeSite, disk: DiskPlace) -> None:
    """Size, time and place of each."""
    site = make_site(S3FileUploadField, disk.options)
    disk.write("orphan.txt", b"four")
    age_files(disk)

    text = site.flask(*PRUNE, "--dry-run")

    assert str(disk.folder / "orphan.txt") in text
    assert text.split()[0] == "4"
    assert "1 files that no row names" in text
    assert disk.names() == ["orphan.txt"]


def test_it_asks_before_it_deletes(make_site: MakeSite, disk: DiskPlace) -> None:
    """No is the default; yes deletes; --yes does not ask."""
    site = make_site(S3FileUploadField, disk.options)
    site.new(file=("kept.txt", b"x"))
    for answer, left in ((["\n"], True), (["y\n"], False), ([], False)):
        disk.write("orphan.txt", b"x")
        age_files(disk)
        if answer:
            site.flask(*PRUNE, input=answer[0])
        else:
            site.flask(*PRUNE, "--yes")
        assert ("orphan.txt" in disk.names()) == left
    assert disk.names() == ["kept.txt"]


def test_what_a_row_names_by_then_is_spared(
    make_site: MakeSite, disk: DiskPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads the list, a row comes to name a file of it, and another is replaced."""
    site = make_site(S3FileUploadField, disk.options)
    for name in ("taken.txt", "replaced.txt", "orphan.txt"):
        disk.write(name, b"x")
    age_files(disk)

    def read_and_agree(question: str) -> bool:
        site.insert(title="one", file="taken.txt")
        disk.write("replaced.txt", b"anew")
        return True

    monkeypatch.setattr("click.confirm", read_and_agree)
    text = site.flask(*PRUNE)

    assert disk.names() == ["replaced.txt", "taken.txt"]
    assert "1 deleted" in text


def test_young_files_are_spared(make_site: MakeSite, place: Place) -> None:
    """Their commit may be under way, or the form of a pending one open."""
    site = make_site(S3FileUploadField, place.options)
    place.write("young.txt", b"x")
    Page.of(site.new("", ("pending.txt", b"x")))

    text = site.flask(*PRUNE, "--yes")

    assert text == "0 files that no row names\n"
    assert len(place.names()) == 2


def test_young_files_are_listed_when_asked_for_and_never_deleted(
    make_site: MakeSite, place: Place
) -> None:
    """A dry run may look at files of any age."""
    site = make_site(S3FileUploadField, place.options)
    place.write("young.txt", b"x")

    assert "1 files that no row names" in site.flask(*PRUNE, "--dry-run", "--older-than", "0")
    with pytest.raises(SystemExit, match="2"):
        site.flask(*PRUNE, "--yes", "--older-than", "23h")
    assert place.names() == ["young.txt"]


def test_of_models_that_sqlalchemy_does_not_know_only_pending_files_are_pruned(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """It is unknown which files their rows name."""
    site = make_site(S3FileUploadField, {"base_path": str(disk.folder.parent / "other")})

    class Plain:
        id = 1

    class PlainForm(Form):
        file = S3FileUploadField(base_path=str(disk.folder))

    class PlainView(BaseModelView):  # type: ignore[misc]
        form = PlainForm

        def get_pk_value(self, model: Any) -> Any:
            return model.id

        def scaffold_list_columns(self) -> list[str]:
            return []

        def scaffold_sortable_columns(self) -> dict[str, str]:
            return {}

        def scaffold_form(self) -> type[Form]:
            return PlainForm

        def scaffold_list_form(self, *args: Any, **kwargs: Any) -> type[Form]:
            return PlainForm

        def init_search(self) -> bool:
            return False

    with site.app.app_context():
        Admin(site.app, endpoint="second", url="/second").add_view(PlainView(Plain))
    disk.write("a.txt", b"a")
    disk.write(".pending/b.txt", b"b")

    assert listed(site) == [".pending/b.txt"]


@pytest.mark.parametrize(
    ("age", "count"),
    [("0", 1), ("9s", 1), ("9m", 1), ("47h", 1), ("1d", 1), ("3d", 0), ("1w", 0), ("99999999w", 0)],
)
def test_an_age_is_a_number_and_a_unit(
    make_site: MakeSite, disk: DiskPlace, age: str, count: int
) -> None:
    """Ages are written as for the commands of the sibling packages."""
    site = make_site(S3FileUploadField, disk.options)
    disk.write("a.txt", b"x")
    age_files(disk)

    text = site.flask(*PRUNE, "--dry-run", "--older-than", age)

    assert f"{count} files that no row names" in text


@pytest.mark.parametrize("age", ["24", "1y", "-1h", "h", "999999999w"])
def test_a_wrong_age_is_told(make_site: MakeSite, disk: DiskPlace, age: str) -> None:
    """A bare number says no unit."""
    site = make_site(S3FileUploadField, disk.options)
    with pytest.raises(SystemExit, match="2"):
        site.flask(*PRUNE, "--dry-run", "--older-than", age)


def test_a_storage_that_fails_is_one_line(make_site: MakeSite) -> None:
    """No traceback: the storage's own words, and the command fails."""

    class Down(MemoryStorage):
        def find(self, prefix: str = "") -> Iterator[FileInfo]:
            raise StorageUnavailableError("the storage is down")

    site = make_site(S3FileUploadField, {"storage": Down()})
    group = FlaskGroup(create_app=lambda: site.app)

    result = CliRunner().invoke(group, [*PRUNE, "--dry-run"])

    assert result.exit_code == 1
    assert result.output == "Error: the storage is down\n"


def test_rows_that_the_app_hides_name_files_too(make_site: MakeSite, place: Place) -> None:
    """A listener that leaves out what was deleted softly."""
    site = make_site(S3FileUploadField, place.options)
    site.new("one", ("a.txt", b"1"))

    @event.listens_for(site.db.session, "do_orm_execute")
    def hide(execution: ORMExecuteState) -> None:
        hiding = with_loader_criteria(site.Thing, lambda cls: cls.title != "one")
        execution.statement = execution.statement.options(hiding)

    with site.app.app_context():
        assert site.db.session.query(site.Thing).all() == []
    assert listed(site) == []
