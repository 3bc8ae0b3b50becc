"""The check finds what is wrong, and prints what to do about it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from proxy import Proxy
from static_site import Site

from flask_s3_static import ConfigError
from flask_s3_static.bucket._bucket import cors_rules
from flask_s3_static.bucket._check import Finding, check
from s3_saver.testing import S3Server


def findings(site: Site, **config: Any) -> list[Finding]:
    return list(check(site.app(**config)))


def bad(site: Site, **config: Any) -> Finding:
    (found,) = (finding for finding in findings(site, **config) if not finding.is_good)
    return found


def json_in(fix: str) -> Any:
    return json.loads(fix[fix.index("\n") :])


def test_no_bucket(site: Site) -> None:
    """A missing bucket, or none in the settings, is reported, with what creates it."""
    assert "flask s3-static push" in bad(site).fix
    with pytest.raises(ConfigError, match="S3_BUCKET_NAME is missing: set it"):
        findings(site, FLASKS3_BUCKET_NAME=None)


def test_nothing_pushed(site: Site) -> None:
    """A bucket without assets is reported."""
    site.storage.client.create_bucket(Bucket=site.bucket)
    assert bad(site).what == "there are assets in the bucket"


def test_no_right_to_write(site: Site, proxy: Proxy) -> None:
    """A missing right to write is reported with the permission that it takes."""
    site.write("static/a.css", "a")
    site.push()
    proxy.spoil = lambda method, path: 403 if method == "PUT" else None
    (finding,) = (found for found in findings(site) if found.what == "we may write")
    assert not finding.is_good
    assert "s3:PutObject" in finding.fix


def test_no_right_to_read(site: Site, proxy: Proxy) -> None:
    """Refused credentials are reported, and the check ends."""
    proxy.spoil = lambda method, path: 403
    (finding,) = findings(site)
    assert not finding.is_good
    assert "correct the credentials" in finding.fix


def test_public_reading(site: Site, proxy: Proxy) -> None:
    """Where the public may not read, the exact policy is printed."""
    site.write("static/a.css", "a")
    site.push()
    proxy.spoil = lambda method, path: 403 if path == f"/{site.bucket}/static/a.css" else None
    finding = findings(site)[4]
    assert not finding.is_good
    assert json_in(finding.fix)["Statement"][0]["Resource"] == [
        f"arn:aws:s3:::{site.bucket}/static/*"
    ]


def test_cors(site: Site, proxy: Proxy) -> None:
    """Where other origins may not use web fonts, the exact CORS configuration is printed."""
    site.write("static/a.css", "a")
    site.write("static/font.woff2", "a")
    site.push(write_public_policy=True)
    proxy.hidden = {"access-control-allow-origin"}
    finding = bad(site)
    assert "font.woff2" in finding.what
    assert json_in(finding.fix) == cors_rules()
    proxy.hidden = set()
    site.storage.client.put_bucket_cors(Bucket=site.bucket, CORSConfiguration=cors_rules())
    assert all(found.is_good for found in findings(site))


@pytest.mark.servers
def test_what_is_printed_fixes_it(site: Site) -> None:
    """Policy and CORS configuration, applied as they are printed, make all well."""
    site.write("static/a.css", "a")
    site.write("static/font.woff2", "a")
    site.push()
    _, reading, cors = findings(site)[3:]
    assert (reading.is_good, cors.is_good) == (False, False)
    client = site.storage.client
    policy = json.dumps(json_in(reading.fix))
    client.put_bucket_policy(Bucket=site.bucket, Policy=policy)
    client.put_bucket_cors(Bucket=site.bucket, CORSConfiguration=json_in(cors.fix))
    assert all(found.is_good for found in findings(site))


def test_wrong_type(site: Site) -> None:
    """An asset with another content type than its name's is reported."""
    site.write("static/a.css", "a")
    site.push(write_public_policy=True, config={"FLASKS3_HEADERS": {"Content-Type": "text/plain"}})
    finding = findings(site)[4]
    assert not finding.is_good
    assert "'text/plain'" in finding.fix


def test_type_of_the_settings(site: Site) -> None:
    """A content type that the settings give is the right one."""
    site.write("static/a.css", "a")
    rules = {r"\.css$": {"Content-Type": "text/x-css"}}
    config = {"FLASKS3_FILEPATH_HEADERS": rules, "FLASKS3_PREFIX": "there"}
    site.push(write_public_policy=True, config=config)
    finding = findings(site, **config)[4]
    assert finding.is_good
    assert finding.what.endswith("there/static/a.css, as text/x-css")


def test_type_of_one_plain_name(site: Site) -> None:
    """A rule for one name holds for its hashed copy, which alone would not fit the rule."""
    site.write("static/a.css", "a")
    rules = {r"/a\.css$": {"Content-Type": "text/x-css"}}
    config = {"FLASKS3_FILEPATH_HEADERS": rules, "FLASKS3_HASHED_NAMES": True}
    site.push(write_public_policy=True, config=config)
    finding = findings(site, **config)[4]
    assert finding.is_good
    assert finding.what.endswith("static/a.css, as text/x-css")


def test_nobody_there(site: Site) -> None:
    """A domain that does not answer is reported with the settings that name it."""
    site.write("static/a.css", "a")
    site.push()
    finding = findings(site, FLASKS3_CDN_DOMAIN="127.0.0.1:9", FLASKS3_USE_HTTPS=False)[4]
    assert not finding.is_good
    assert "S3_CDN_DOMAIN" in finding.fix


@pytest.fixture
def behind_a_cdn(site: Site, s3_server: S3Server) -> Iterator[tuple[Site, Proxy]]:
    """A site whose pages get their files by another host, in the path that a CDN has."""
    site.write("static/a.css", "a")
    site.push(write_public_policy=True)
    with Proxy(s3_server.endpoint_url) as cdn:
        cdn.prefix = f"/{site.bucket}"
        site.config["FLASKS3_CDN_DOMAIN"] = cdn.url.partition("://")[2]
        site.config["FLASKS3_USE_HTTPS"] = False
        yield site, cdn


def test_the_name_by_which_a_cdn_knows_us(behind_a_cdn: tuple[Site, Proxy]) -> None:
    """A file is asked for by a User-Agent of our own, as CDNs refuse that of Python's library."""
    site, cdn = behind_a_cdn
    assert findings(site)[4].is_good
    names = set(cdn.agents)
    assert [name.partition("/")[0] for name in names] == ["flask-s3-static"]


def test_a_cdn_that_refuses(behind_a_cdn: tuple[Site, Proxy]) -> None:
    """What a CDN refuses is put down to it, not to the bucket's policy or CORS configuration."""
    site, cdn = behind_a_cdn
    cdn.spoil = lambda method, path: 403
    reading, cors = findings(site)[4:]
    assert (reading.is_good, cors.is_good) == (False, False)
    domain = site.config["FLASKS3_CDN_DOMAIN"]
    assert reading.fix.startswith(f"{domain} answered 403. Look there first: a firewall")
    assert "User-Agent: flask-s3-static/" in reading.fix
    assert cors.fix == f"not known while {domain} answers 403"


def test_a_cdn_without_cors(behind_a_cdn: tuple[Site, Proxy]) -> None:
    """Where a CDN loses the answer to the origin, it is to pass the question on."""
    site, cdn = behind_a_cdn
    cdn.hidden = {"access-control-allow-origin"}
    cors = findings(site)[5]
    assert not cors.is_good
    assert "pass the header Origin on to the bucket" in cors.fix
