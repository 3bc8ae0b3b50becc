"""What people ask is answered by a heading of the documentation, where a search finds it first."""

import re
from pathlib import Path

import pytest
from pages import DOCS, PAGES

#: What is asked, in the words in which it is, and the page that answers.
QUESTIONS = {
    "files own login": "recipes/login",
    "delete replace model": "recipes/rows",
    "old uploads columns": "recipes/old-uploads",
    "tests without S3": "recipes/testing",
    "HEIC iPhones": "questions",
    "SVG": "questions",
    "placeholders refresh queue": "questions",
    "bundlers Vite webpack": "questions",
    "403 picture": "troubles",
    "gray box": "troubles",
    "keep uploads out push": "questions",
    "CloudFront": "recipes/cloudfront",
    "Heroku Docker environment variables": "recipes/environment",
    "virus scanner": "recipes/virus-scanner",
    "viruses": "questions",
    "rolling back": "deploy",
    "roll back": "questions",
    "original file name": "questions",
    "R2": "recipes/other-stores",
    "B2": "recipes/other-stores",
    "SeaweedFS": "recipes/other-stores",
    "limit size uploads": "questions",
    "progress upload": "questions",
    "troubles": "troubles",
    "CORS": "recipes/cors",
    "least permissions": "recipes/iam",
    "out of scope": "comparison",
}

#: What people type into the site's search, and the page that it shows first.
SEARCHES = {
    "login": "recipes/login",
    "private files": "recipes/login",
    "delete file": "recipes/rows",
    "replace file": "recipes/rows",
    "old uploads": "recipes/old-uploads",
    "existing files": "recipes/old-uploads",
    "migrate": "recipes/local-to-s3",
    "tests without S3": "recipes/testing",
    "pytest": "recipes/testing",
    "HEIC": "questions",
    "iPhone": "questions",
    "SVG": "questions",
    "placeholder": "questions",
    "refresh placeholders": "questions",
    "bundlers": "questions",
    "Vite": "questions",
    "403": "troubles",
    "why 403": "troubles",
    "413": "troubles",
    "gray box": "troubles",
    "grey box": "troubles",
    "keep uploads out of the push": "questions",
    "CloudFront": "recipes/cloudfront",
    "CDN": "recipes/cloudfront",
    "Heroku": "recipes/environment",
    "Docker": "recipes/environment",
    "environment variables": "recipes/environment",
    "viruses": "recipes/virus-scanner",
    "malware": "recipes/virus-scanner",
    "roll back": "deploy",
    "rollback": "deploy",
    "original file name": "questions",
    "filename": "questions",
    "R2": "recipes/other-stores",
    "B2": "recipes/other-stores",
    "SeaweedFS": "recipes/other-stores",
    "MinIO": "recipes/other-stores",
    "size limit": "questions",
    "max size": "questions",
    "progress": "questions",
    "progress bar": "questions",
    "translate": "messages",
    "out of scope": "comparison",
    "errors": "troubles",
}


def headings(page: str) -> list[str]:
    """The headings of a page, less what is code."""
    text = re.sub(r"(?ms)^( *)```.*?^\1```$", "", (DOCS / f"{page}.md").read_text())
    return re.findall(r"(?m)^#+ (.*)$", text)


def has(heading: str, question: str) -> bool:
    """Report whether a heading has every word of a question."""
    words = {word.casefold() for word in re.findall(r"[\w-]+", heading)}
    return {word.casefold() for word in question.split()} <= words


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_heading_answers(question: str) -> None:
    """A heading of the page that answers has all words of the question."""
    assert any(has(heading, question) for heading in headings(QUESTIONS[question]))


def entries(page: Path) -> list[str]:
    """The main entries of a page in the site's index, in lower case."""
    lines = re.findall(r"(?m)^```\{index\} (.*)$", page.read_text())
    found = [entry.strip() for line in lines for entry in line.split(",")]
    return [entry[1:].strip().casefold() for entry in found if entry.startswith("!")]


def score(query: str, entry: str) -> float:
    """How well an entry answers a query, by Sphinx's search: it looks at the index first, and full
    text, in which it knows no numbers, comes after all of its answers.
    """
    is_found = query in entry and len(query) >= len(entry) / 2
    return len(query) / len(entry) if is_found else 0


@pytest.mark.parametrize("query", SEARCHES)
def test_the_search_finds_the_answer(query: str) -> None:
    """The site's search shows the page that answers, first."""
    scores = {
        str(page.relative_to(DOCS).with_suffix("")): max(
            [score(query.casefold(), entry) for entry in entries(page)], default=0
        )
        for page in PAGES
    }
    best = max(scores.values())
    assert best > 0
    assert [page for page, one in scores.items() if one == best] == [SEARCHES[query]]


def test_links_between_pages_have_targets() -> None:
    """A link from one page to another, or to a heading of it, leads there."""
    for page in PAGES:
        for target, anchor in re.findall(
            r"\]\(((?!https?:)[\w./-]+\.md)(?:#([\w-]+))?\)", page.read_text()
        ):
            path = (page.parent / target).resolve()
            assert path.exists(), f"{page.name}: {target}"
            if anchor and "packages" not in path.parts:
                name = str(path.relative_to(DOCS.resolve()).with_suffix(""))
                assert anchor in map(slug, headings(name)), f"{page.name}: {target}#{anchor}"


def slug(heading: str) -> str:
    """The name of a heading in links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
