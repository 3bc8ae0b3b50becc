"""The answers to a browser that continues an upload after a reload."""

from typing import Any

from sent_files import PART, big, picture
from upload_site import PICTURES, MakeSite, Site, without_prefix


def arrived(site: Site, token: str) -> Any:
    answer = site.client.post("/uploads/-/arrived", json={"token": token})
    return answer.get_json() if answer.status_code == 200 else answer.status_code


@without_prefix
def test_parts(make_site: MakeSite) -> None:
    """The parts that have arrived are named, whole ones alone; when all are put together, the
    upload is whole, and only until it is claimed."""
    site = make_site()
    token = site.sign(big(), parts=True)["token"]
    assert arrived(site, token) == {"whole": False, "parts": []}
    site.send(site.ask("part", token=token, part=2), big()[PART:])
    assert arrived(site, token) == {"whole": False, "parts": [2]}
    site.send(site.ask("part", token=token, part=1), big()[:PART])
    assert arrived(site, token) == {"whole": False, "parts": [1, 2]}
    site.ask("complete", token=token)
    assert arrived(site, token) == {"whole": True, "parts": []}
    site.claim(token)
    assert arrived(site, token) == 422


@without_prefix
def test_a_whole_file(make_site: MakeSite) -> None:
    """A file in one request is there or not."""
    site = make_site()
    answer = site.sign(picture())
    assert arrived(site, answer["token"]) == {"whole": False, "parts": []}
    site.send(answer, picture())
    assert arrived(site, answer["token"]) == {"whole": True, "parts": []}
    site.claim(answer["token"])
    assert arrived(site, answer["token"]) == 422


@without_prefix
def test_what_was_cancelled_does_not_go_on(make_site: MakeSite) -> None:
    """Nothing of a cancelled upload is there."""
    site = make_site()
    token = site.sign(big(), parts=True)["token"]
    site.send(site.ask("part", token=token, part=2), big()[PART:])
    site.ask("cancel", token=token)
    assert arrived(site, token) == (422 if site.on_s3 else {"whole": False, "parts": []})


def test_who_may_ask(make_local: MakeSite) -> None:
    """The question is answered to whom the token was made for, for its purpose, and as long as the
    app allows the upload."""
    site, asked = make_local(), list[str]()

    def authorize(upload: Any) -> bool:
        asked.append(upload.filename)
        return len(asked) < 3

    site.uploads.allow_direct("other", rules=PICTURES, authorize=authorize)
    token = site.sign(picture(), purpose="other")["token"]
    question = {"token": token, "purpose": "other"}
    stranger = Site(site.app, site.uploads, site.storage)
    assert stranger.client.post("/uploads/-/arrived", json=question).status_code == 403
    wrong = {**question, "purpose": "third"}
    assert site.client.post("/uploads/-/arrived", json=wrong).status_code == 403
    assert asked == ["cat.png"]
    assert site.client.post("/uploads/-/arrived", json=question).status_code == 200
    assert site.client.post("/uploads/-/arrived", json=question).status_code == 403
    assert asked == ["cat.png"] * 3
