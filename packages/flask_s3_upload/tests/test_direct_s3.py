"""What the bucket itself refuses; needs a server that checks signatures and policies."""

import base64
import json
import random
from typing import IO, Any

import pytest
from sent_files import PART, big, picture
from test_signing import mutations
from upload_site import MakeSite, Site
from web import fetch, post_form

from flask_s3_upload import NotUploadedError
from untrusted_files import CheckedFile, Rules

HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.servers
def test_no_mutated_form_is_accepted(make_s3: MakeSite) -> None:
    """Of 1,000 forms with one field changed the bucket takes none."""
    site = make_s3()
    answer = site.sign(picture())
    chance = random.Random(6)
    fields: dict[str, str] = answer["fields"]
    variants = {
        # Servers strip white space from a field: that is no change.
        name: [changed for changed in mutations(value, 200) if changed.strip() != value]
        for name, value in fields.items()
    }
    for _ in range(1000):
        name = chance.choice(list(fields))
        changed = chance.choice(variants[name])
        status = post_form(answer["url"], {**fields, name: changed}, picture())
        assert status in (400, 403, 404), (name, changed, status)
    assert site.names() == []
    assert post_form(answer["url"], fields, picture()) == 204


LATER = "2100-01-01T00:00:00.000Z"


@pytest.mark.servers
@pytest.mark.parametrize(
    "change",
    [
        lambda policy: policy.update(expiration=LATER),
        lambda policy: policy["conditions"].clear(),
        lambda policy: policy["conditions"].append(["content-length-range", 0, 10**9]),
        lambda policy: policy["conditions"].append(["starts-with", "$key", ""]),
    ],
    ids=["expiration", "no conditions", "size", "key"],
)
def test_a_policy_that_says_something_else(make_s3: MakeSite, change: Any) -> None:
    """The bucket refuses a well-formed policy with other words under the same signature."""
    site = make_s3()
    answer = site.sign(picture())
    fields = answer["fields"]
    (name,) = (name for name in fields if name.lower() == "policy")
    policy = json.loads(base64.b64decode(fields[name]))
    change(policy)
    changed = base64.b64encode(json.dumps(policy).encode()).decode()
    assert post_form(answer["url"], {**fields, name: changed}, picture()) in (400, 403)
    assert site.names() == []
    assert post_form(answer["url"], fields, picture()) == 204


@pytest.mark.servers
@pytest.mark.parametrize(
    "change",
    [
        {"key": "pending/mine"},
        {"key": "avatars/ann.png"},
        {"Content-Type": "text/html"},
        {"acl": "public-read"},
        {"success_action_redirect": "https://example.com"},
        {"x-amz-meta-a": "b"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_form_is_for_one_key_and_type(make_s3: MakeSite, change: dict[str, str]) -> None:
    """The bucket refuses another key, another type, and fields that were not signed."""
    site = make_s3()
    answer = site.sign(picture())
    assert post_form(answer["url"], {**answer["fields"], **change}, picture()) in (400, 403)
    assert site.names() == []


@pytest.mark.servers
@pytest.mark.parametrize("change", [-1, 1, 1000])
def test_a_form_is_for_one_size(make_s3: MakeSite, change: int) -> None:
    """The bucket refuses a file that is smaller or larger than was announced."""
    site = make_s3()
    answer = site.sign(bytes(2000))
    assert post_form(answer["url"], answer["fields"], bytes(2000 + change)) in (400, 403)
    assert site.names() == []


@pytest.mark.servers
def test_an_expired_form(make_s3: MakeSite) -> None:
    """The bucket refuses a form whose time is over."""
    site = make_s3(UPLOADS_DIRECT_EXPIRES=1)
    answer = site.sign(picture())
    for _ in range(100_000):
        if post_form(answer["url"], answer["fields"], picture()) != 204:
            break
    else:
        raise AssertionError("it never expired")
    assert post_form(answer["url"], answer["fields"], picture()) in (400, 403)


@pytest.mark.servers
@pytest.mark.parametrize("in_parts", [False, True])
def test_no_mutated_url_is_accepted(make_s3: MakeSite, in_parts: bool) -> None:
    """A presigned PUT, of a whole file or a part, holds as it was signed and in no other form."""
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT")
    data = big()[PART:] if in_parts else picture()
    answer = site.sign(big() if in_parts else picture(), parts=in_parts)
    if in_parts:
        answer = site.ask("part", token=answer["token"], part=2)
    address, _, query = answer["url"].partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&"))
    chance = random.Random(6)
    for _ in range(200):
        name = chance.choice(list(pairs))
        other = str(chance.randrange(10**6, 10**7))
        changed = "&".join(f"{k}={other if k == name else v}" for k, v in pairs.items())
        status = fetch(f"{address}?{changed}", "PUT", data, answer["headers"]).status
        assert status in (400, 403), name
    assert fetch(f"{address}x?{query}", "PUT", data, answer["headers"]).status == 403
    assert fetch(answer["url"], "PUT", data, answer["headers"]).status == 200


@pytest.mark.servers
def test_a_put_is_for_one_type_and_size(make_s3: MakeSite) -> None:
    """With UPLOADS_S3_DIRECT_METHOD = 'PUT' the bucket refuses another type than was signed, and
    one byte more.
    """
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT")
    answer = site.sign(picture())
    assert fetch(answer["url"], "PUT", HTML, {"Content-Type": "text/html"}).status == 403
    assert fetch(answer["url"], "PUT", picture() + b"x", answer["headers"]).status == 403


@pytest.mark.servers
def test_a_part_is_for_one_size(make_s3: MakeSite) -> None:
    """The bucket refuses a part that is smaller or larger than its own size, be it the last one or
    one before."""
    site = make_s3(
        rules=Rules(max_bytes=2 * PART), UPLOADS_PARTS_ABOVE=PART, UPLOADS_PART_BYTES=PART
    )
    token = site.sign(bytes(PART + 1000))["token"]
    for number, size in ((1, PART), (2, 1000)):
        url = site.ask("part", token=token, part=number)["url"]
        for wrong in (size - 1, size + 1, 2 * PART):
            assert fetch(url, "PUT", bytes(wrong)).status == 403, (number, wrong)
        assert fetch(url, "PUT", bytes(size)).status == 200
    site.ask("complete", token=token)


class Swapping(Rules):
    """Rules that are kept, whereupon somebody at once puts other bytes in the file's place."""

    swap: Any = None

    def check(self, file: IO[bytes], filename: str | None) -> CheckedFile:
        found = super().check(file, filename)
        type(self).swap()
        return found


@pytest.mark.parametrize("kind", ["disk", pytest.param("s3", marks=pytest.mark.servers)])
def test_bytes_swapped_after_the_check(
    kind: str, make_local: MakeSite, request: pytest.FixtureRequest
) -> None:
    """The browser's signature still holds while an upload is claimed: what it puts there between
    the check and the copy is never stored."""
    site: Site = make_local() if kind == "disk" else request.getfixturevalue("make_s3")()
    html = HTML.ljust(len(picture()))
    site.uploads.allow_direct(
        "race", rules=Swapping(max_bytes=1000, types=("image/*",)), authorize=lambda upload: True
    )
    answer = site.sign(picture(), purpose="race")
    site.send(answer, picture())
    Swapping.swap = lambda: site.send(answer, html)
    if kind == "disk":
        assert site.read(site.claim(answer["token"], purpose="race").name) == picture()
    else:
        with pytest.raises(NotUploadedError, match="changed"):
            site.claim(answer["token"], purpose="race")
        assert site.names("cat") == []
