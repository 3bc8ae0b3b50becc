"""What stylesheets and scripts refer to, and what is left alone."""

import time

import pytest

from flask_s3_static.pushing._finders import finder
from flask_s3_static.pushing._references import Edit, Reference, apply_edits, new_name


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
        ('a { background: image-set("i.png" 1x, "j.png" 2x) }', ["css/i.png", "css/j.png"]),
        (
            "a { background: -webkit-image-set(url(i.png) 1x, 'j.png' 2x) }",
            ["css/i.png", "css/j.png"],
        ),
        (
            'a { background: image-set("i.avif" type("image/avif"), url("j.png") type("x")) }',
            ["css/i.avif", "css/j.png"],
        ),
        ('a { background: image-set(linear-gradient(red, blue) 1x, "i.png" 2x) }', ["css/i.png"]),
        (
            "a { background: src(\"i.png\"), SRC( 'j.png' ), src(var(--x)) }",
            ["css/i.png", "css/j.png"],
        ),
        ('a { background: image(ltr "i.png", red) }', ["css/i.png"]),
        ("a { background: url(a\\ b.png) url(a\\(1\\).png) }", ["css/a b.png", "css/a(1).png"]),
        (
            "a { background: url('a\\20 b.png') url(\"it\\'s.png\") }",
            ["css/a b.png", "css/it's.png"],
        ),
        ("a { background: url('a\\\nb.png') }", ["css/ab.png"]),
        ("a { background: url('\\69.png\\3fv=1') }", ["css/i.png"]),
        (
            "a { background: \\75rl(i.png) u\\72 l(j.png) \\000055RL('k.png') }",
            ["css/i.png", "css/j.png", "css/k.png"],
        ),
        ("@\\69mport 'b.css';", ["css/b.css"]),
        (
            "@import/* b */'b.css'; @import /**/ url('c.css') /**/ layer(x);",
            ["css/b.css", "css/c.css"],
        ),
        (
            "a { background: url( 'i.png'/* first */ ) src(/**/'j.png') }",
            ["css/i.png", "css/j.png"],
        ),
        ("a { background: url(/**/'i.png') } b { background: url(j.png) }", ["css/j.png"]),
        ("a { background: url(i'j.png) url(i(j.png) url(j.png) }", ["css/j.png"]),
        ("a { background: url(i.png", ["css/i.png"]),
        ("@importer 'b.css'; @namespace x 'y'; @charset 'utf-8'; a { content: 'z' }", []),
        ("a { background: curl(i.png) my-url(i.png) \\63url(i.png) element('i.png') }", []),
        ("@import screen 'b.css'", []),
        ("a { background: image-set( } b { content: 'i.png' }", []),
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
        ("import/**/'./x.js'; import /* a */ ( /* b */ './y.js' /* c */ )", ["js/x.js", "js/y.js"]),
        ("import(/* webpackChunkName: \"x\" */ './x.js')", ["js/x.js"]),
        ("import// a\n{ b, // 'c'\n d } /* e */ from // f\n'./x.js'", ["js/x.js"]),
        ("import { 'a name' as b, \"from\" as c } from './x.js'", ["js/x.js"]),
        (
            "export { a as 'from' } from './x.js'; export * as b from './y.js'",
            ["js/x.js", "js/y.js"],
        ),
        ("export { a }\nimport b from './x.js'", ["js/x.js"]),
        ("import from from './x.js'; import { from } from './y.js'", ["js/x.js", "js/y.js"]),
        ("import a from './x.js' with { type: 'json' }", ["js/x.js"]),
        ("import('./x.json', { with: { type: 'json' } })", ["js/x.json"]),
        (
            "import source a from './x.js'; import defer * as b from './y.js'",
            ["js/x.js", "js/y.js"],
        ),
        ("import.source('./x.js'); import . defer ( './y.js' )", ["js/x.js", "js/y.js"]),
        ("import(`./x.js`)", ["js/x.js"]),
        (
            "[...import.meta.env, ...await import('./x.js')]; f(...import('./y.js'))",
            ["js/x.js", "js/y.js"],
        ),
        ("import '\\x2e/\\u0078\\u{2e}j\\s?a'", ["js/x.js"]),
        (
            "`a ${ `b ${ import('./x.js') } '` } import './z.js'`; import './y.js'",
            ["js/x.js", "js/y.js"],
        ),
        ("`${ { a: '}' } } '`; import './x.js'", ["js/x.js"]),
        ("if (a) /'/.test(a); import './x.js'", ["js/x.js"]),
        ("for (const a of b) { } /'/.test(c); import './x.js'", ["js/x.js"]),
        ("a = { b: 1 } / 2; c = '/'; import './x.js'", ["js/x.js"]),
        ("a = f(1) / g; b = \"'/\"; import './x.js'", ["js/x.js"]),
        ("typeof /'/; x = y++ / z; a = '/'; import './x.js'", ["js/x.js"]),
        ("/'/.test(a); import './x.js'", ["js/x.js"]),
        ("a = b /* ' */ / c; d = '/'; import './x.js'", ["js/x.js"]),
        ("a = /[/'\\]]/; import './x.js'", ["js/x.js"]),
        ("\ufeffimport './x.js'", ["js/x.js"]),
        ("import\u2028'./x.js'; import\xa0a\u3000from\u2029'./y.js'", ["js/x.js", "js/y.js"]),
        ("// a\u2028import './x.js' // b\u2029import '\u2028./y.js'", ["js/x.js"]),
        ("// a\vimport './x.js'", []),
        ("import\v'./x.js'", ["js/x.js"]),
        ("a = 'b\u2028'; import './x.js'", ["js/x.js"]),
        ("import(('./x.js')); import((( './y.js' ) ), {})", ["js/x.js", "js/y.js"]),
        ("import(('./x.js') + a); import(('./y.js', a)); import(('./z.js'))", ["js/z.js"]),
        ("a: {} /'/.test(b); c(); d: {} /'/.test(e); import './x.js'", ["js/x.js"]),
        ("f()\na: b: {} /'/.test(c); import './x.js'", ["js/x.js"]),
        ("switch (a) { case 1: {} /'/.test(b); default: {} /'/ } import './x.js'", ["js/x.js"]),
        ("label:{}/import('./x.js')/.exec(a)", []),
        ("a = b ? {} / 1 : import('./x.js'); c = '/'", ["js/x.js"]),
        ("a = b ? c : {} / import('./x.js') / 1", ["js/x.js"]),
        ("a = b ? c / d : {} / import('./x.js') / 1", ["js/x.js"]),
        ("a = b ? /c/ // '\n : {} / import('./x.js') / 1", ["js/x.js"]),
        ("a = b ? /c/g : {} / import('./x.js') / 1", ["js/x.js"]),
        ("a = b ? /* c */ d : {} / import('./x.js') / 1", ["js/x.js"]),
        ("a = { b: {} / import('./x.js') / 1 }", ["js/x.js"]),
        ("#!/usr/bin/env node 'a\nimport './x.js'", ["js/x.js"]),
        ("'a\\\nb'; import './x.js'", ["js/x.js"]),
        ("1\n/*# sourceMappingURL=a.js.map */", ["js/a.js.map"]),
        ("import('./x/' + name); import(`./x/${name}`); import(name)", []),
        ("import { a } from b; './x.js'", []),
        ("import.meta.url; './x.js'; export default './y.js'; export const a = './z.js'", []),
        ("class A { import(a = './x.js') {} #import() {} }", []),
        ("a?.import('./x.js'); $import('./x.js'); importer('./x.js')", []),
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


HOSTILE_CSS = [
    "/*",
    "/**",
    "/*#sourceMappingURL=",
    "url(",
    "url( ",
    'url("',
    "url(\\",
    "url('a'",
    "image-set(",
    "src('",
    "@import",
    "@import ",
    "@import/**/",
    '"',
    "'\\\n",
    "\\",
    "\\0",
    "\\000075",
    "-",
    "u",
    "(",
    "{",
    " ",
]
HOSTILE_JS = [
    "/*",
    "//",
    "`",
    "`${",
    "${",
    "import",
    "import ",
    "import{",
    "import a from ",
    "export*",
    "import(",
    "import(/*",
    "import((",
    "import\u2028",
    "a:{",
    "a:",
    ";a ",
    "\v",
    "import(`",
    "import 'a\\",
    "=/[",
    "=/a\\",
    "=/a",
    "/",
    "=/",
    "(",
    "if(",
    "{",
    "}",
    "=>{",
    "a ",
    "\\u",
    "//#sourceMappingURL=",
    "//# sourceMappingURL= ",
    "/*#sourceMappingURL=",
    "\n",
    " ",
    "é",
    "'\\",
]


@pytest.mark.parametrize(
    ("path", "piece"),
    [*(("a.css", piece) for piece in HOSTILE_CSS), *(("a.js", piece) for piece in HOSTILE_JS)],
)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("import './x.js';=", "\"'\n")])
def test_hostile_files_take_time_that_grows_with_their_size(
    path: str, piece: str, before: str, after: str
) -> None:
    """A file of sixteen times the size takes far less than 256 times the processor time."""
    assert cost(path, before, piece, after, 16) < 80 * (cost(path, before, piece, after, 1) + 1e-4)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [("a.css", "url(", ")"), ("a.css", "@import '\\a", "'"), ("a.js", "import './", "'")],
)
@pytest.mark.parametrize("piece", ["\u0301\u0327", "%CC%81%CC%A7", "../", "./a/", "a\u0327"])
def test_long_names_take_time_that_grows_with_their_length(
    path: str, before: str, after: str, piece: str
) -> None:
    """So does a name that is as long as the file, although Unicode's composed form takes longer."""
    assert cost(path, before, piece, after, 64) < 320 * (cost(path, before, piece, after, 1) + 1e-4)


def cost(path: str, before: str, piece: str, after: str, size: int) -> float:
    """The processor time that a file of so many times 4 KiB takes."""
    find = finder(path)
    assert find
    data = (before + piece * (size * 4096 // len(piece)) + after).encode()
    costs = []
    for _ in range(3):
        started = time.thread_time()
        list(find(data, path))
        costs.append(time.thread_time() - started)
    return min(costs)
