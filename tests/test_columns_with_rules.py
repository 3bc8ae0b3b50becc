"""A column of sqlalchemy_s3_files asks untrusted_files what it accepts."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from s3_saver import Storages, StoredFile
from sqlalchemy_s3_files import FileRules, FileType, new_file
from untrusted_files import RejectedError, Rules

RULES: FileRules = Rules(types=("image/png",), min_dimensions=(1, 1))


def test_rules_are_those_of_a_column(tmp_path: Path) -> None:
    """A stranger's name and type are not believed, and a picture's size is kept."""

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[StoredFile | None] = mapped_column(
            FileType(Storages(tmp_path), "things", rules=RULES)
        )

    picture = io.BytesIO()
    Image.new("RGB", (3, 2)).save(picture, "PNG")
    thing = Thing(image=new_file(picture, "../a/cat.PNG"))
    assert thing.image is not None
    assert (thing.image.content_type, thing.image.name[-4:]) == ("image/png", ".png")
    assert thing.image.metadata == {"width": 3, "height": 2}
    with pytest.raises(RejectedError, match="Choose a PNG"):
        thing.image = new_file(io.BytesIO(b"<script>"), "cat.png")
    with pytest.raises(RejectedError):
        thing.image = new_file(picture, "cat.exe")
    assert thing.image.metadata["width"] == 3
