"""What CloudFrontSigner signs is what Chromium asks for, byte for byte."""

import random

from servers.webdriver import Browser
from url_for_s3 import ArgumentError
from url_for_s3._cloudfront_policy import check_url

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
USUAL = "abcZ09./%2eE-_~"
HOSTS = [
    "cdn.example.com",
    "cdn.example.com:8443",
    "cdn.example.com:443",
    "cdn.example.com.",
    "CDN.example.com",
    "cdn.example.com:080",
    "127.0.0.1",
    "0x7f.1",
    "1.2.3",
    "[::1]",
    "[::0:1]",
    "ex%41mple.com",
]


def is_accepted(url: str) -> bool:
    try:
        check_url(url)
    except ArgumentError:
        return False
    return True


def make_urls(count: int) -> list[str]:
    """URLs of odd hosts, paths and queries that the signer accepts."""
    chance = random.Random(5)
    urls: list[str] = []
    while len(urls) < count:
        path = [
            chance.choice(PRINTABLE if chance.random() < 0.15 else USUAL)
            for _ in range(chance.randint(0, 12))
        ]
        query = ["?", *(chance.choice(PRINTABLE) for _ in range(chance.randint(0, 4)))]
        url = f"{chance.choice(['https', 'http'])}://{chance.choice(HOSTS)}/{''.join(path)}"
        if chance.random() < 0.4:
            url += "".join(query)
        if "#" not in url and is_accepted(url):
            urls.append(url)
    return urls


def test_chromium_changes_no_url(browser: Browser) -> None:
    """Of thousands of odd URLs that are signed, Chromium writes none in another way."""
    script = "return arguments[0].filter((url) => new URL(url).href !== url)"
    urls = make_urls(5_000)
    assert len({url.partition("://")[2].partition("/")[0] for url in urls}) >= 4
    assert browser.run(script, urls) == []
    assert browser.run(script, ["https://cdn.example.com/{1}"]) != []
