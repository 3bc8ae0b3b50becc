"""What people ask is answered by a heading of the documentation, where a search finds it first."""

import re

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
