"""What breaks the rules for names that a program can see."""

import ast
import re
from collections.abc import Iterator

from house_modules import Found, code

#: Other names for what has one, and that one.
OTHER_NAMES = {
    "bucket": "bucket_name",
    "region_name": "region",
    "location": "region",
    "secret_access_key": "access_key_secret",
}

#: Functions of the original packages whose callers pass another name.
ORIGINALS = {("create_all", "location")}

#: Packages whose settings decide where a storage type is None, as a parameter that nobody has
#: passed is in the original packages, too.
WITH_SETTINGS = ("flask_thumbnails_s3", "flask_admin_s3_upload")


def parameter_names() -> Found:
    """Parameters and fields with another name than the one that is agreed for them."""
    for path, tree in code():
        for owner, name, line in parameters(tree):
            if name in OTHER_NAMES and (owner, name) not in ORIGINALS:
                yield path, f"line {line}: {name} is called {OTHER_NAMES[name]} here"


def parameters(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """All parameters and fields: whose each is, its name and its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            own = node.args
            for arg in [*own.posonlyargs, *own.args, *own.kwonlyargs]:
                yield node.name, arg.arg, arg.lineno
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.AnnAssign):
                    yield node.name, name_of(item.target), item.lineno


def participles() -> Found:
    """Variables and parameters whose names are participles."""
    for path, tree in code():
        for node in ast.walk(tree):
            new = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            name = node.arg if isinstance(node, ast.arg) else name_of(node) if new else ""
            if name in {"told", "said", "having"}:
                yield path, f"line {getattr(node, 'lineno', 1)}: {name}: take a noun"


def storage_types() -> Found:
    """Storage types that are neither 's3' nor ''."""
    for path, tree in code():
        unset = {None} if path.split("/")[1] in WITH_SETTINGS else set()
        others = {None, "local", "disk"} - unset
        for node in ast.walk(tree):
            for name, value in named_values(node):
                is_type = name.lower().endswith("storage_type")
                if is_type and isinstance(value, ast.Constant) and value.value in others:
                    yield path, f"line {value.lineno}: {name} is 's3' or ''"


def named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a piece of code binds a name to, or compares it with."""
    if isinstance(node, ast.arguments):
        both = [*node.posonlyargs, *node.args]
        yield from zip(
            (arg.arg for arg in both[len(both) - len(node.defaults) :]), node.defaults, strict=True
        )
        for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            if default:
                yield arg.arg, default
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Assign):
        yield from ((name_of(target), node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign) and node.value:
        yield name_of(node.target), node.value
    elif isinstance(node, ast.Compare):
        yield from ((name_of(node.left), value) for value in node.comparators)


def name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def settings_modules() -> Found:
    """Other ways to read settings than Settings.from_app in settings.py."""
    for path, tree in code():
        if path.endswith("/_config.py"):
            yield path, "a module of settings is called settings.py or _settings.py"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in {"read_settings", "settings_of"}:
                yield path, f"line {node.lineno}: {node.name}: write Settings.from_app"


def config_errors() -> Found:
    """Classes ConfigError of another shape than ConfigError(message, *, setting)."""
    for path, tree in code():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == "ConfigError":
                bases = {ast.unparse(base) for base in node.bases}
                shape = [
                    ast.unparse(item.args)
                    for item in node.body
                    if isinstance(item, ast.FunctionDef) and item.name == "__init__"
                ]
                if "ValueError" not in bases:
                    yield path, "ConfigError is a ValueError"
                if not any(re.match(r"self, message: str, \*, setting: str\b", s) for s in shape):
                    yield path, "ConfigError(message, *, setting)"


def deletions() -> Found:
    """Commands that delete, by their names, and lack an option that each such command has."""
    for path, tree in code():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            marks = [ast.unparse(mark) for mark in node.decorator_list]
            is_command = any(re.search(r"\.command\b", mark) for mark in marks)
            if is_command and re.match(r"_*(prune|delete|remove|purge)", node.name):
                options = {arg.arg for arg in [*node.args.args, *node.args.kwonlyargs]}
                for option in sorted({"dry_run", "yes"} - options):
                    yield path, f"line {node.lineno}: {node.name} has no --{option}"


def places() -> Found:
    """Classes called Place or Places, which says too little."""
    for path, tree in code():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and re.fullmatch(r"_?Places?", node.name):
                yield path, f"line {node.lineno}: {node.name}: say what kind of place"
