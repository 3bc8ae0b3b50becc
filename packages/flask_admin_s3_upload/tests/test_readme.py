"""The README's examples run."""

import io
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from admin_site import FLASK_ADMIN_2, Page
from pictures import opened, picture
from sqlalchemy.orm import close_all_sessions

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str = "python") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


def run(source: str, folder: Path) -> Any:
    """Run an example in a folder, with Babel set up, which these tests have installed."""
    app = f"Flask('app', root_path={str(folder)!r}); __import__('flask_babel').Babel(app)"
    source = source.replace("Flask(__name__)", app)
    if not FLASK_ADMIN_2:
        source = source.replace("CatView(Cat, db)", "CatView(Cat, db.session)")
    module: Any = ModuleType("app")
    exec(compile(source, str(README), "exec"), vars(module))
    return module


def test_the_first_example_is_an_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As somebody would try it: post a cat, see its thumbnail in the list; post another one, whose
    photo has the same name, and lose neither. Nothing is in the public folder.
    """
    monkeypatch.chdir(tmp_path)
    module = run(blocks()[0], tmp_path)
    client = module.app.test_client()

    data = {"name": "Tom", "photo": (io.BytesIO(picture(size=(300, 400))), "tom.png")}
    response = client.post("/admin/cat/new/", data=data)

    assert response.status_code == 302
    page = Page(client.get("/admin/cat/").text)
    (thumbnail,), (photo,) = page.pictures, page.links("/-/file/")
    assert opened(client.get(thumbnail, buffered=True).data).size == (200, 200)
    assert client.get(photo, buffered=True).data == picture(size=(300, 400))
    assert client.get("/static/cats/tom.png", buffered=True).status_code == 404

    second = picture(size=(300, 400), color="red")
    data = {"name": "Kit", "photo": (io.BytesIO(second), "tom.png")}
    assert client.post("/admin/cat/new/", data=data).status_code == 302

    tom, kit = Page(client.get("/admin/cat/").text).links("/-/file/")
    assert client.get(tom, buffered=True).data == picture(size=(300, 400))
    assert client.get(kit, buffered=True).data == second
    close(module)


def test_the_policies_are_json_and_cover_one_another() -> None:
    """What the public may read is among what the process may write."""
    own, public = (json.loads(each) for each in blocks("json"))

    keys = {"ListBucket": "arn:aws:s3:::my-bucket", "GetObject": "arn:aws:s3:::my-bucket/cats/*"}
    allowed = {
        action.removeprefix("s3:"): each["Resource"]
        for each in own["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert allowed.items() >= keys.items()
    assert {"PutObject", "DeleteObject", "AbortMultipartUpload"} <= set(allowed)
    (reading,) = public["Statement"]
    assert (reading["Action"], reading["Resource"]) == ("s3:GetObject", keys["GetObject"])


def test_all_examples_run_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, as one file."""
    monkeypatch.chdir(tmp_path)
    module = run("\n".join(blocks()), tmp_path)

    with module.app.app_context():
        for model, view in (("Dog", "DogView"), ("Album", "AlbumView")):
            module.db.create_all()
            session = module.db if FLASK_ADMIN_2 else module.db.session
            getattr(module, view)(getattr(module, model), session, endpoint=model)
    close(module)


def close(module: Any) -> None:
    close_all_sessions()
    with module.app.app_context():
        module.db.engine.dispose()
