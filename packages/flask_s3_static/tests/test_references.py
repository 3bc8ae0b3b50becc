"""What stylesheets and scripts refer to, and what is left alone."""

import pytest

from flask_s3_static.pushing._references import Edit, Reference, apply_edits, finder, new_name


def targets(path: str, content: str) -> list[str]:
    find = finder(path)
    assert find
    return [reference.target for reference in find(content.encode(), path)]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("a { background: url(i.png) }", ["css/i.png"]),
        ("a { background: url( 'i.png' ) }", ["css/i.png"]),
        ('a { background: URL("../i b.png") }', ["i b.png"]),
        ("a { background: url(i%20b.png) }", ["css/i b.png"]),
        ("a { background: url(grüße.png) }", ["css/grüße.png"]),
        ("@font-face { src: url(f.eot?#iefix), url(f.svg#f) }", ["css/f.eot", "css/f.svg"]),
        ("@import 'b.css'; @import \"c.css\" screen;", ["css/b.css", "css/c.css"]),
        ("@import url(b.css);", ["css/b.css"]),
        ("@import'b.css';@import\"c.css\"screen", ["css/b.css", "css/c.css"]),
        ("a { background: url(/static/i.png) }", ["static/i.png"]),
        ("a {} /*# sourceMappingURL=a.css.map */", ["css/a.css.map"]),
        ("a { background: url(../../out.png) }", ["../out.png"]),
        ("/* url(i.png) @import 'b.css' */", []),
        ("a { content: 'url(i.png)' }", []),
        ("a { background: url(data:image/png;base64,AAAA) }", []),
        ("a { background: url(https://x.org/i.png) url(//x.org/i.png) }", []),
        ("/* url(i.png) /*# sourceMappingURL=a.map", []),
        ('a { content: "url(i.png) }\nb { background: url(j.png) }', ["css/j.png"]),
        ("a { content: 'it\\'s url(i.png)' } b { background: url(j.png) }", ["css/j.png"]),
        ("a { filter: url(#blur) } b { background: url('') }", []),
    ],
)
def test_css(content: str, wanted: list[str]) -> None:
    """url(), @import and the source map's comment; nothing in other comments or strings."""
    assert targets("css/a.css", content) == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("import './x.js'", ["js/x.js"]),
        ('import a from "./x.js";', ["js/x.js"]),
        ("import a, {b as c} from '../x.js'", ["x.js"]),
        ("import {\n  a,\n  b,\n} from './x.js'", ["js/x.js"]),
        ("import * as a from '/static/x.js'", ["static/x.js"]),
        ('import{a}from"./x.js";import"./y.js"', ["js/x.js", "js/y.js"]),
        ("export {a} from './x.js'; export * from './y.js'", ["js/x.js", "js/y.js"]),
        ("const a = await import('./x.js')", ["js/x.js"]),
        ("import a from './x.js?v=1'", ["js/x.js"]),
        ("1;\n//# sourceMappingURL=a.js.map\n", ["js/a.js.map"]),
        ("1;//@ sourceMappingURL=a.js.map", ["js/a.js.map"]),
        ("a = /[\"'`/]/; import './x.js'", ["js/x.js"]),
        ("a.split(/`/), b = [/\"/g, /\\/'/]; import './x.js'", ["js/x.js"]),
        ("() => /'/; b => { return /\"/ }; import './x.js'", ["js/x.js"]),
        ("a = 1 / 2; b = \"/\"; c = (1)/2; import './x.js'; d = '/'", ["js/x.js"]),
        ("f(/import '.\\/x.js'/)", []),
        ("import React from 'react'", []),
        ("import a from 'https://x.org/x.js'; import b from '//x.org/y.js'", []),
        ("// import './x.js'\n/* import './y.js' */", []),
        ("const a = \"import './x.js'\"", []),
        ("const a = `import './x.js'`", []),
        ("reimport('./x.js'); a.import('./y.js')", []),
        ("const map = '//# sourceMappingURL=' + name; more()", []),
        ("1\n//# sourceMappingURL=data:application/json;base64,AAAA", []),
    ],
)
def test_js(content: str, wanted: list[str]) -> None:
    """Imports of modules by path, and the source map's comment; nothing in comments or strings."""
    assert targets("js/a.js", content) == wanted


def test_other_files() -> None:
    """Other files refer to nothing that we know."""
    assert finder("a.html") is None
    assert finder("a.png") is None
    assert finder("a.MJS") is not None


@pytest.mark.parametrize(
    ("path", "target", "is_module", "wanted"),
    [
        ("css/a.css", "css/i.1.png", False, b"i.1.png"),
        ("css/a.css", "img/i.1.png", False, b"../img/i.1.png"),
        ("a.css", "img/ü (1).png", False, b"img/%C3%BC%20%281%29.png"),
        ("js/a.js", "js/x.1.js", True, b"./x.1.js"),
        ("js/a.js", "x.1.js", True, b"../x.1.js"),
        ("a.js", "x.1.js", True, b"./x.1.js"),
    ],
)
def test_new_name(path: str, target: str, is_module: bool, wanted: bytes) -> None:
    """A reference is written relative to its file, encoded, and with ./ for a module."""
    assert new_name(Reference(0, 0, "", is_module), path, target) == wanted


def test_edits() -> None:
    """Edits replace bytes and leave the others, whatever their encoding."""
    assert apply_edits(b"\xe4 abc \xff", (Edit(2, 3, b"XY"), Edit(4, 5, b""))) == b"\xe4 XYb \xff"
