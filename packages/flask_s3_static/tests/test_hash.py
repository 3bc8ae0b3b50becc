"""Hashed names: what they hold, and that everything leads to them."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from static_site import Site

from flask_s3_static import CollectError, MissingReferenceError
from flask_s3_static.pushing import _hash
from flask_s3_static.pushing._collect import Asset
from flask_s3_static.pushing._components import components
from flask_s3_static.pushing._files import digest_files, find_references
from flask_s3_static.pushing._hash import HashedFiles, hash_names

IMMUTABLE = "public, max-age=31536000, immutable"


def hashed(folder: Path, hashed_already: str = "", /, **files: str) -> HashedFiles:
    assets = []
    for name, content in files.items():
        name = name.replace("__", "/").replace("_", ".")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        assets.append(Asset(name, str(path)))
    return hash_names(list(digest_files(assets, {hashed_already})))


def contents(result: HashedFiles) -> dict[str, str]:
    by_name = {file.path: file for file in result.files}
    return {path: by_name[name].read().decode() for path, name in result.names.items()}


def test_names(tmp_path: Path) -> None:
    """A name holds the first 16 digits of SHA-256 before its extension."""
    result = hashed(tmp_path, app_min_js="1", css__LICENSE="x")
    digest = hashlib.sha256(b"1").hexdigest()[:16]
    assert result.names["app.min.js"] == f"app.min.{digest}.js"
    assert re.fullmatch(r"css/LICENSE\.[0-9a-f]{16}", result.names["css/LICENSE"])


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    """A file whose name is another's hashed name is an error that names both."""
    digest = hashlib.sha256(b"1").hexdigest()[:16]
    files = {"app_js": "1", f"app_{digest}_js": "2"}
    with pytest.raises(CollectError, match=rf"app\.{digest}\.js' and, under .*app\.js'"):
        hashed(tmp_path, **files)


@pytest.mark.parametrize("is_circle", [False, True])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_file_that_changes_while_names_are_hashed(
    tmp_path: Path, is_circle: bool, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No reference is written over bytes that are not those in which it was found."""
    contents = {"a.css": "@import 'b.css';", "b.css": "@import 'a.css';" if is_circle else "i {}"}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    files = list(digest_files([Asset(name, str(tmp_path / name)) for name in contents]))

    def change(*args: Any) -> Any:
        if when == "before":
            (tmp_path / "a.css").write_text("/* more */ @import 'b.css';")
        found = find_references(*args)
        (tmp_path / "a.css").write_text("/* more */ @import 'b.css';")
        return found

    monkeypatch.setattr(_hash, "find_references", change)
    with pytest.raises(CollectError, match="a.css' changed while it was pushed: push again"):
        hash_names(files)


def test_a_name_that_is_not_there_is_reported_once(tmp_path: Path) -> None:
    """However often a file has it, and not in full length."""
    long = f"{'n' * 5000}.png"
    found = hashed(
        tmp_path, a_css=f"{'i { src: url(no.png) } ' * 3} b {{ src: url({long}) }}"
    ).found
    start = f"{tmp_path}/a.css refers to "
    shown = f"{'n' * 200}…"
    assert found.problems == [
        f"{start}'no.png', which is not there",
        f"{start}'{shown}', which is not there",
    ]


def test_references_lead_to_hashed_names(tmp_path: Path) -> None:
    """Stylesheets, modules and source maps lead to the hashed names of what they refer to."""
    result = hashed(
        tmp_path,
        css__a_css="@import 'b.css'; /*# sourceMappingURL=a.css.map */",
        css__b_css="i { background: url(../img/i.svg?x#y) }",
        css__a_css_map="{}",
        img__i_svg="<svg/>",
        js__m_js="import './n.js'",
        js__n_js="export const n = 1",
    )
    names, texts = result.names, contents(result)
    assert texts["css/b.css"] == f"i {{ background: url(../{names['img/i.svg']}?x#y) }}"
    b, source_map = (names[f"css/{name}"][4:] for name in ("b.css", "a.css.map"))
    assert texts["css/a.css"] == f"@import '{b}'; /*# sourceMappingURL={source_map} */"
    assert texts["js/m.js"] == f"import './{names['js/n.js'][3:]}'"


def test_a_change_goes_up(tmp_path: Path) -> None:
    """What refers to a changed file, however far, has another name; what does not keeps its own."""
    files = {"a_css": "@import 'b.css'", "b_css": "i{background:url(i.svg)}", "c_css": "c {}"}
    before = hashed(tmp_path, **files, i_svg="1").names
    after = hashed(tmp_path, **files, i_svg="2").names
    assert {path for path in before if before[path] != after[path]} == {"a.css", "b.css", "i.svg"}


def test_circles(tmp_path: Path) -> None:
    """Modules that import each other in a circle, or themselves, lead to each other's new names."""
    files = {"a_js": "import './b.js'", "b_js": "import './a.js'", "c_js": "import './c.js'"}
    result = hashed(tmp_path, **files)
    names, texts = result.names, contents(result)
    assert texts["a.js"] == f"import './{names['b.js']}'"
    assert texts["b.js"] == f"import './{names['a.js']}'"
    assert texts["c.js"] == f"import './{names['c.js']}'"
    other = hashed(tmp_path, **{**files, "a_js": "import './b.js' // changed"}).names
    assert other["b.js"] != names["b.js"]
    assert other["c.js"] == names["c.js"]


def test_missing_references(tmp_path: Path) -> None:
    """A reference that leads nowhere is reported and kept; an absolute one may be a view."""
    result = hashed(tmp_path, a_css="i{background:url(none.png)} j{background:url(/view)}")
    assert result.found.problems == [f"{tmp_path}/a.css refers to 'none.png', which is not there"]
    assert "none.png" in contents(result)["a.css"]


def test_deep_chains(tmp_path: Path) -> None:
    """A chain of imports longer than Python's stack is no problem."""
    files = {f"m{n}_js": f"import './m{n + 1}.js'" for n in range(3000)}
    result = hashed(tmp_path, **files, m3000_js="1")
    assert len(result.names) == 3001


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"))))
def test_order(graph: dict[str, list[str]]) -> None:
    """Each group comes after all that it leads to, and two are in one group only in a circle."""
    graph = {node: [t for t in targets if t in graph] for node, targets in graph.items()}
    groups = list(components(graph))
    assert sorted(node for group in groups for node in group) == sorted(graph)

    def reach(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for target in graph[waiting.pop()]:
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    place = {node: number for number, group in enumerate(groups) for node in group}
    for node in graph:
        for target in reach(node):
            assert place[target] <= place[node]
            assert (place[target] == place[node]) == (target == node or node in reach(target))


def test_pushed(site: Site) -> None:
    """Hashed files are stored for ever, the manifest leads to them, and plain names stay."""
    site.write("static/app.css", "i { background: url(i.png) }")
    site.write("static/i.png", b"png")
    headers = {"FLASKS3_HASHED_NAMES": True, "FLASKS3_HEADERS": {"Cache-Control": "no-cache"}}
    report = site.push(config=headers)
    assert len(report.sent) == 4
    app = site.app(**headers)
    key = site.url(app, "app.css").partition(f"{site.bucket}/")[2]
    assert re.fullmatch(r"static/app\.[0-9a-f]{16}\.css", key)
    assert re.fullmatch(rb"i { background: url\(i\.[0-9a-f]{16}\.png\) }", site.read(key))
    assert site.head(key)["CacheControl"] == IMMUTABLE
    assert site.head(key)["ContentType"] == "text/css; charset=utf-8"
    assert site.read("static/app.css") == b"i { background: url(i.png) }"
    assert site.head("static/app.css")["CacheControl"] == "no-cache"


def test_a_name_that_no_release_has(site: Site) -> None:
    """A file that is not in the manifest goes by its plain name, and no request fails."""
    site.write("static/a.css", "a {}")
    site.push(config={"FLASKS3_HASHED_NAMES": True})
    app = site.app(FLASKS3_HASHED_NAMES=True)
    assert site.url(app, "uploads/new.png").endswith("/static/uploads/new.png")


@pytest.mark.parametrize("hashed_names", [False, True])
def test_strict(site: Site, hashed_names: bool) -> None:
    """A missing reference fails a strict push before anything is uploaded, with hashed names or
    without; with them it is a warning otherwise."""
    site.write("static/a.css", "i { background: url(none.png) }")
    config = {"FLASKS3_HASHED_NAMES": hashed_names}
    with pytest.raises(MissingReferenceError, match=r"a.css refers to 'none.png'") as caught:
        site.push(config=config, strict=True)
    assert len(caught.value.problems) == 1
    report = site.push(config=config)
    assert report.warnings == (caught.value.problems if hashed_names else [])
    assert len(report.sent) == 1 + hashed_names
    site.write("static/none.png", b"png")
    assert site.push(config=config, strict=True).warnings == []


@pytest.mark.parametrize("hashed_names", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.js", "1\n//# sourceMappingURL=a.js.map"),
        ("a.css", "a {}\n/*# sourceMappingURL=a.css.map */"),
    ],
)
def test_a_missing_source_map_fails_no_push(
    site: Site, hashed_names: bool, name: str, content: str
) -> None:
    """No page needs a source map: one that is missing is a warning, strict or not."""
    path = site.write(f"static/{name}", content)
    report = site.push(config={"FLASKS3_HASHED_NAMES": hashed_names}, strict=True)
    assert report.warnings == [f"{path} refers to '{name}.map', which is not there"]
    assert len(report.sent) == 1 + hashed_names


def test_a_strict_push_of_some_files(site: Site) -> None:
    """With a filter, a reference to a file that the filter leaves out is no missing one."""
    site.write("static/a.css", "i { background: url(i.png) }")
    site.write("static/i.png", b"png")
    assert list(site.push(strict=True, filepath_filter_regex="css$").sent) == ["static/a.css"]


def test_a_name_that_holds_a_hash_stays(tmp_path: Path) -> None:
    """A file that a bundler has named keeps its name and bytes, and others lead to that."""
    result = hashed(
        tmp_path,
        "dist/main-LY9x9re4.js",
        **{
            "dist__main-LY9x9re4_js": "import('./lazy.js'); new Image().src = 'i.png'",
            "dist__lazy_js": "import '../shared.js'",
            "shared_js": "1",
            "page_js": "import './dist/main-LY9x9re4.js'; import './shared.js'; import './own.js'",
            "own_js": "2",
        },
    )
    kept = ["dist/main-LY9x9re4.js", "dist/lazy.js", "shared.js"]
    assert {path: result.names[path] for path in kept} == {path: path for path in kept}
    assert [file.plain_path for file in result.files] == ["page.js", "own.js"]
    page = result.files[0].read().decode()
    assert "'./dist/main-LY9x9re4.js'; import './shared.js'; import './own." in page
    assert "'./own.js'" not in page
