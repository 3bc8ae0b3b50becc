"""Every message for visitors that the code has, found where it is made, without running it.

A message is what is passed to an error whose text is for visitors, to ``abort`` after the status,
to ``gettext`` or ``flash``, and what the scripts and the example app's templates say. What is put
into it stands as ``…``. Names, calls of functions of the same package, and branches are followed to
the strings that they lead to; ``str(error)`` passes on a message that is made elsewhere.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from layout import EXAMPLE, PACKAGES, ROOT, home, parsed, sources

#: Roots of the trees of errors whose messages are for visitors.
_FOR_VISITORS = {"RejectedError", "ClaimError", "ValidationError", "StopValidation"}

#: Errors of Werkzeug that are made with a message.
_OF_HTTP = {"RequestTimeout", "Conflict", "TooManyRequests"}

#: Validators of WTForms that take a message.
_VALIDATORS = {"DataRequired", "FileRequired", "InputRequired"}

_FUNCTIONS = {"gettext", "flash", "outcome_flashed"}

#: Tables and variables that a page or an answer takes its message from.
_TABLES = {
    "errors.py": {"_CHANGES", "_PAGES", "_DATABASE_GONE"},
    "_form_files.py": {"NO_FILE"},
    "_routes.py": {"words"},
}

#: The module that has all messages of the direct upload's script.
WORDS_JS = ROOT / "packages/flask_s3_upload/src/flask_s3_upload/static/direct-upload/words.js"

#: Where the text of a page ends, and another piece begins.
_BLOCK = re.compile(r"</?(?:p|div|h\d|footer|li|ul|dl|section|form|button|noscript|figcaption)\b")


@dataclass(frozen=True)
class Message:
    """One message, as the code has it.

    :param package: where it is made.
    :param text: with … for what is put into it.
    :param place: file and line.
    """

    package: str
    text: str
    place: str = field(compare=False)

    @property
    def words(self) -> int:
        """How many words it has of its own."""
        return len(re.findall(r"[^\W\d_]{2,}", self.text))

    def fits(self, shown: str) -> bool:
        """Report whether a visitor may read *shown* as this message."""
        pattern = ".+".join(map(re.escape, self.text.split("…")))
        return re.fullmatch(pattern, shown) is not None


def messages() -> set[Message]:
    """Every message of the packages and the example app that has words of its own."""
    found = {
        message
        for name in [*PACKAGES, EXAMPLE]
        for message in _Package(name).messages()
        if message.words
    }
    return found | set(_of_script()) | set(_of_templates())


@cache
def _bases() -> dict[str, dict[str, set[str]]]:
    """The bases of each class, by package and name."""
    return {
        name: {
            node.name: {ast.unparse(base) for base in node.bases}
            for path in sources(name)
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.ClassDef)
        }
        for name in [*PACKAGES, EXAMPLE]
    }


@cache
def _is_for_visitors(error: str, package: str) -> bool:
    """Report whether an error's message is for visitors, by its name in one package."""
    if error in _FOR_VISITORS | _OF_HTTP | _VALIDATORS:
        return True
    above = _bases()[package].get(error)
    if above is not None:
        return any(_is_for_visitors(base, package) for base in above)
    others = [name for name, classes in _bases().items() if error in classes]
    return any(_is_for_visitors(error, name) for name in others)


class _Package:
    """Follows what the calls of one package say to strings."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.trees = {path: parsed(path) for path in sources(name)}
        self.functions: dict[str, list[ast.FunctionDef]] = {}
        self.values: dict[str, list[ast.expr]] = {}
        for tree in self.trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    self.functions.setdefault(node.name, []).append(node)
                elif isinstance(node, ast.Assign):
                    for target in node.targets:
                        self.values.setdefault(ast.unparse(target), []).append(node.value)
                elif isinstance(node, ast.AnnAssign) and node.value:
                    self.values.setdefault(ast.unparse(node.target), []).append(node.value)

    def messages(self) -> Iterator[Message]:
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                for said in self._said(node, path.name):
                    place = f"{path.relative_to(ROOT)}:{said.lineno}"
                    for text in self._texts(said, frozenset()):
                        yield Message(self.name, re.sub(r"…[…\s]*…", "…", text).strip(), place)

    def _said(self, node: ast.AST, module: str) -> Iterator[ast.expr]:
        """The expressions in a piece of code whose strings are for visitors."""
        if isinstance(node, ast.Call):
            name = _name_of(node.func)
            if name == "abort":
                yield from node.args[1:]
            elif name in _FUNCTIONS or _is_for_visitors(name, self.name):
                yield from node.args[:1]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_name_of(target) in _TABLES.get(module, ()) for target in targets):
                yield node.value
        elif isinstance(node, ast.Tuple):  # what a view returns: body, status, and headers
            match node.elts:
                case [body, ast.Constant(value=int(status)), *_] if 400 <= status < 600:
                    yield body

    def _texts(self, node: ast.expr, seen: frozenset[str]) -> Iterator[str]:
        """The texts that an expression may be, and sentences that are put into them."""
        match node:
            case ast.Constant(value=str(text)):
                yield re.sub(r"%\(\w+\)s|\{[\w:,]*\}", "…", text)
            case ast.JoinedStr(values=values):
                yield "".join(map(_own_words, values))
                for value in values:
                    if isinstance(value, ast.FormattedValue):
                        yield from filter(_is_sentence, self._texts(value.value, seen))
            case ast.IfExp(body=one, orelse=other):
                yield from self._texts(one, seen)
                yield from self._texts(other, seen)
            case ast.Dict(values=values) | ast.BoolOp(values=values):
                for value in values:
                    yield from self._texts(value, seen)
            case ast.Call(func=ast.Attribute(value=held, attr="get" | "format"), args=args):
                yield from self._texts(held, seen)
                for arg in args:
                    yield from self._texts(arg, seen)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys")):
                yield from self._texts(node.args[1], seen)
            case ast.Call():
                yield from self._returned(_name_of(node.func), seen)
            case ast.Name(id=name) if name not in seen:
                for value in self.values.get(name, ()):
                    yield from self._texts(value, seen | {name})

    def _returned(self, function: str, seen: frozenset[str]) -> Iterator[str]:
        if function in seen:
            return
        for definition in self.functions.get(function, ()):
            for node in ast.walk(definition):
                if isinstance(node, ast.Return) and node.value:
                    yield from self._texts(node.value, seen | {function})


def _name_of(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _own_words(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…"


def _is_sentence(text: str) -> bool:
    return bool(re.match(r"[A-Z].* .*", text))


def _of_script() -> Iterator[Message]:
    """The messages of the direct upload's script, which stand in one module."""
    text = WORDS_JS.read_text()
    for match in re.finditer(r"^  \w+:[^\"`]*?[\"`](.+)[\"`],$", text, re.MULTILINE):
        said = re.sub(r"\$\{[^}]*\}", "…", match[1])
        line = text.count("\n", 0, match.start()) + 1
        if re.search(r"\w", said):  # else it joins others
            yield Message("flask_s3_upload", said, f"{WORDS_JS.relative_to(ROOT)}:{line}")


def _of_templates() -> Iterator[Message]:
    """The sentences of the example app's pages."""
    for path in sorted((home(EXAMPLE) / "templates").rglob("*.html")):
        text = path.read_text()
        for words in re.findall(r'nothing_yet\("(.+?)", "(.+?)"\)', text):
            for one in words:
                yield Message(EXAMPLE, one, str(path.relative_to(ROOT)))
        text = re.sub(r"\{#.*?#\}|<script.*?</script>", "", text, flags=re.DOTALL)
        text = re.sub(r"\{\{.*?\}\}", "…", re.sub(r"\{%.*?%\}", "\x00", text, flags=re.DOTALL))
        for block in re.split(f"{_BLOCK.pattern}|\x00", text):
            said = " ".join(re.sub(r"<[^>]*>|^[^<>]*>", " ", block).split())
            if re.match(r"[A-Z].* .*\.$", said):
                yield Message(EXAMPLE, said, str(path.relative_to(ROOT)))
