"""Figures have one source: benchmarks/README.md. What other documents say is what stands there."""

import re
from pathlib import Path

import pytest
from layout import PACKAGES, ROOT, home
from pages import DOCS

SOURCE = (ROOT / "benchmarks" / "README.md").read_text()

#: A number with its unit, or one that counts.
FIGURE = r"\d[\d,.]*\d(?: ?(?:µs|ms|MiB|MB|s)\b)?|\d (?:µs|ms|MiB|MB|s|calls|request)\b"

#: Documents that show what was measured in microseconds or milliseconds.
WITH_TIMES = [home(name) / "README.md" for name in PACKAGES]

VERDICTS = {"✓", "lost", "left over", "refused"}


def measured() -> list[str]:
    """Each figure of docs/growth.md that is said to be measured."""
    found = []
    text = " ".join((DOCS / "growth.md").read_text().split())
    for part in re.findall(r"([^|()*;]*)\*\*m\*\*", text):
        found += re.findall(FIGURE, part.rpartition(": ")[2])
    return sorted(set(found))


def has(figure: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d]|[.,]\d)", SOURCE) is not None


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables, by their first cells without marks."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {re.sub(r" and that | that ", " ", row[0]): row[1:] for row in cells}


def test_growth_has_figures() -> None:
    """The test below has what it is to compare."""
    assert len(measured()) > 20


@pytest.mark.parametrize("figure", measured())
def test_what_is_measured_was_measured(figure: str) -> None:
    """A figure of docs/growth.md that is marked as measured stands in benchmarks/README.md."""
    assert has(figure)


def test_the_comparison_is_the_benchmark() -> None:
    """docs/comparison.md has the verdicts of the benchmark, on ours and on others' packages."""
    source = rows(SOURCE)
    shown = {
        what: cells
        for what, cells in rows((DOCS / "comparison.md").read_text()).items()
        if len(cells) == 3 and VERDICTS & set(cells)
    }
    assert len(shown) >= 7
    for what, (ours, *others) in shown.items():
        name, cells = next((name, cells) for name, cells in source.items() if name.startswith(what))
        assert [ours, *others] == [cells[0] if ours == "✓" else ours, *cells[2:]], what
        assert ours in name or ours == "✓"


@pytest.mark.parametrize("document", WITH_TIMES, ids=lambda path: path.parent.name)
def test_times_of_a_readme_were_measured(document: Path) -> None:
    """A README has no time of a call that the benchmarks do not have."""
    text = re.sub(r"(?ms)^```.*?^```$", "", document.read_text())
    times = set(re.findall(r"\d[\d.,]* (?:µs|ms)\b", text))
    assert not [time for time in times if not has(time)]
