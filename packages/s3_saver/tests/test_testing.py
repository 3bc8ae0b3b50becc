"""The S3 server for tests, and the fixtures of the pytest plugin."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fault_proxy import FaultProxy, refuse

from s3_saver import BucketNotFoundError, S3Storage
from s3_saver.testing import S3Server, s3_server

NAMED = {
    "S3_TEST_ENDPOINT": "https://s3.example.org",
    "S3_TEST_KEY": "key",
    "S3_TEST_SECRET": "secret",
}

TESTS_OF_A_USER = """
import os
import pytest
from s3_saver.testing import check_storage

buckets = []

def test_bucket(s3_server, s3_bucket):
    check_storage(s3_server.storage(s3_bucket))
    buckets.append(s3_bucket)

def test_more_buckets(s3_server, make_s3_bucket):
    buckets.extend([make_s3_bucket(), make_s3_bucket()])
    assert len(set(buckets)) == 3

def test_they_are_gone(s3_server):
    there = s3_server.client.list_buckets()["Buckets"]
    assert not {bucket["Name"] for bucket in there} & set(buckets)

def test_nothing_of_the_developer_is_seen():
    assert "AWS_PROFILE" not in os.environ
    assert os.environ["AWS_CONFIG_FILE"] == os.devnull

@pytest.mark.servers
def test_signatures():
    raise AssertionError("moto checks none")
"""


TESTS_THAT_HIDE = """
import pytest

@pytest.fixture(autouse=True)
def hiding(monkeypatch):
    monkeypatch.delenv("S3_TEST_ENDPOINT")

def test_server(request):
    server = request.getfixturevalue("s3_server")
    assert server[:3] == ("https://s3.example.org", "key", "secret")

@pytest.mark.servers
def test_signatures():
    pass
"""


def run_tests(folder: Path, tests: str, **variables: str) -> str:
    """Run a user's tests with the plugin, and return what pytest prints."""
    (folder / "conftest.py").write_text('pytest_plugins = ["s3_saver.testing.pytest_plugin"]')
    (folder / "test_user.py").write_text(tests)
    environment = {n: value for n, value in os.environ.items() if not n.startswith("S3_TEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "--strict-markers", "-W", "error"]
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return ran.stdout


def test_the_plugin_s_fixtures(tmp_path: Path) -> None:
    """A user's conftest turns the plugin on: buckets come and go, the developer's own settings are
    hidden, and what moto does not check is skipped in words.
    """
    printed = run_tests(tmp_path, TESTS_OF_A_USER, AWS_PROFILE="developer")
    assert "4 passed, 1 skipped" in printed, printed
    assert "S3_TEST_ENDPOINT is not set: needs an S3 server that checks signatures" in printed


def test_the_plugin_takes_a_named_server(tmp_path: Path) -> None:
    """The server that the environment names is the one of the whole run, though a test hides the
    variables before it asks for the server.
    """
    printed = run_tests(tmp_path, TESTS_THAT_HIDE, **NAMED)
    assert "2 passed" in printed, printed


def test_the_plugin_refuses_half_a_name(tmp_path: Path) -> None:
    """A server without its key is an error before any test runs."""
    printed = run_tests(tmp_path, TESTS_OF_A_USER, S3_TEST_ENDPOINT="https://s3.example.org")
    assert printed.startswith("ERROR: S3_TEST_KEY must be set where S3_TEST_ENDPOINT is"), printed


def test_the_environment_names_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the three variables, nothing is started: the server is the one that they name."""
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)
    with s3_server() as server:
        assert server == S3Server("https://s3.example.org", "key", "secret", "us-east-1")


def test_the_environment_names_none() -> None:
    """Without S3_TEST_ENDPOINT there is no server of the environment."""
    assert S3Server.from_environment({**NAMED, "S3_TEST_ENDPOINT": ""}) is None


@pytest.mark.parametrize("name", ["S3_TEST_KEY", "S3_TEST_SECRET"])
def test_a_server_without_its_key_is_refused(name: str) -> None:
    """The error names the variable that is missing."""
    incomplete = {each: value for each, value in NAMED.items() if each != name}
    with pytest.raises(ValueError, match=f"{name} must be set where S3_TEST_ENDPOINT is"):
        S3Server.from_environment(incomplete)


def test_without_moto_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where moto is needed and missing, the error names both ways out."""
    monkeypatch.delenv("S3_TEST_ENDPOINT", raising=False)
    monkeypatch.setitem(sys.modules, "s3_saver.testing._moto", None)
    with pytest.raises(ImportError, match=r"install 'moto\[s3,server\]', or let S3_TEST_ENDPOINT"):
        s3_server().__enter__()


def test_a_bucket_is_removed_with_all_that_is_in_it(s3_server: S3Server) -> None:
    """Files and unfinished uploads go with it, and it may be gone already."""
    with s3_server.temporary_bucket() as bucket_name:
        storage = s3_server.storage(bucket_name, prefix="folder")
        storage.save("a.txt", io.BytesIO(b"a"))
        storage.client.create_multipart_upload(Bucket=bucket_name, Key="unfinished")
    with pytest.raises(BucketNotFoundError):
        list(storage.find())
    s3_server.remove_bucket(bucket_name)


def test_a_bucket_of_a_chosen_name(s3_server: S3Server) -> None:
    """A bucket can have the name that an example uses."""
    with s3_server.temporary_bucket("chosen-by-a-test") as bucket_name:
        assert bucket_name == "chosen-by-a-test"
        assert list(s3_server.storage(bucket_name).find()) == []


def test_the_sdk_finds_the_server(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the server's environment, a storage needs no more than the bucket's name."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    S3Storage(s3_bucket).save("a.txt", io.BytesIO(b"a"))
    assert s3_server.storage(s3_bucket).exists("a.txt")


def test_a_bucket_goes_where_uploads_cannot_be_listed(
    s3_server: S3Server, proxy: FaultProxy
) -> None:
    """A bucket with objects is removed on a server that refuses to list unfinished uploads."""
    proxy.only = lambda method, path: "?uploads" in path
    proxy.always = refuse(501, "NotImplemented")
    server = s3_server._replace(endpoint_url=proxy.endpoint_url)
    with server.temporary_bucket() as bucket_name:
        server.storage(bucket_name).save("folder/a", io.BytesIO(b"x"))
    there = s3_server.client.list_buckets()["Buckets"]
    assert bucket_name not in {bucket["Name"] for bucket in there}


def test_a_bucket_goes_with_its_unfinished_uploads(s3_server: S3Server) -> None:
    """A bucket in which an upload was begun and not ended is removed."""
    with s3_server.temporary_bucket() as bucket_name:
        s3_server.client.create_multipart_upload(Bucket=bucket_name, Key="a")
    with pytest.raises(BucketNotFoundError):
        s3_server.storage(bucket_name).exists("a")


def test_a_bucket_is_removed_with_what_a_storage_does_not_list(s3_server: S3Server) -> None:
    """A file that a storage has made to find the store out, and could not delete, keeps none."""
    with s3_server.temporary_bucket() as bucket_name:
        key = "files/.s3-saver-probe-1"
        s3_server.client.put_object(Bucket=bucket_name, Key=key, Body=b"")
        assert list(s3_server.storage(bucket_name).find()) == []
    with pytest.raises(s3_server.client.exceptions.ClientError, match="404"):
        s3_server.client.head_bucket(Bucket=bucket_name)
