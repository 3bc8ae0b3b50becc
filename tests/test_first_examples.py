"""What the session ``imports`` reads in the READMEs, and that it notices what does not hold."""

from pathlib import Path

import pytest
from check_first_example import check, claims, commands, first_example, installed_by, run_example
from layout import PACKAGES, home


@pytest.mark.parametrize("name", PACKAGES)
def test_a_readme_begins_with_an_example_and_how_to_install_it(name: str) -> None:
    """The first example imports the package, and the first installation is the package's."""
    readme = (home(name) / "README.md").read_text()
    kind, example = first_example(readme)
    assert kind in ("python", "pycon")
    assert f"from {name} import" in example
    assert example.count("print(") == claims(example).count("\n"), "what it prints is not said"
    assert installed_by(readme)[0].partition("[")[0] == name.replace("_", "-")


def test_commands_are_read_up_to_the_second_heading() -> None:
    """Those of a shell, with a prompt or indented; comments behind them install nothing."""
    readme = (
        "# a\n\n```console\n$ pip install 'a[b]' c  # with d\n$ flask run\noutput\n```\n\n"
        "    pip install e\n\n## more\n\n```console\n$ pip install f\n```\n"
    )
    assert commands(readme) == ["pip install 'a[b]' c  # with d", "flask run", "pip install e"]
    assert installed_by(readme) == ["a[b]", "c"]


def test_a_claim_about_what_is_printed_is_compared() -> None:
    """Comments behind calls of print are what is to be printed; an ellipsis stands for any text."""
    claimed = claims("print(a)  # one\nif a:\n    print(b, c)  # two/….jpg 3\nprint(d)\n")
    assert claimed == "one\ntwo/….jpg 3\n"
    check(claimed, "one\ntwo/5f0c.jpg 3\n")
    with pytest.raises(SystemExit, match=r"says that it prints 'one.*, and it prints 'two"):
        check(claimed, "two/5f0c.jpg 3\none\n")


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("python", "assert False, 'no'"),
        ("python", "import sys; print('a warning', file=sys.stderr)"),
        ("python", "print(1)  # 2"),
        ("pycon", ">>> 1 + 1\n3"),
        ("console", "$ true"),
    ],
)
def test_an_example_that_does_not_hold(
    kind: str, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails, warns or prints something else ends the session, and so does none at all."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="the README"):
        run_example(f"# a\n\n```{kind}\n{example}\n```\n")
