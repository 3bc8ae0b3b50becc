import doctest
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_readme() -> None:
    """The examples in the README run, in order, and give what it shows."""
    blocks = re.findall(r"^```pycon\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
    assert blocks
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, "README", str(README), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(examples)
    assert runner.summarize().failed == 0
