"""The command s3-saver."""

import io
import os
import pty
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from s3_saver import LocalStorage, S3Storage
from s3_saver._cli import main
from s3_saver.testing import S3Server


@pytest.fixture
def place(s3: S3Storage, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket's place, with the environment that the command needs."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{s3.bucket}/static/uploads"


@pytest.fixture
def uploads(tmp_path: Path) -> str:
    """A folder of uploads."""
    storage = LocalStorage(tmp_path / "uploads")
    storage.save("a.txt", io.BytesIO(b"a" * 1500))
    storage.save("thing/1.jpg", io.BytesIO(b"b" * 20))
    return storage.root


def test_copy_moves_a_site_s_uploads_there_and_back(
    place: str, uploads: str, s3: S3Storage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both directions; keys are the prefix and the names below the folder."""
    assert main(["copy", uploads, place]) == 0
    out, err = capsys.readouterr()
    assert out == "2 files (1.5 kB) copied, 0 files (0 B) there already, 0 failed\n"
    assert set(err.splitlines()) == {"copied a.txt (1.5 kB)", "copied thing/1.jpg (20 B)"}
    assert [info.name for info in s3.find()] == [
        "static/uploads/a.txt",
        "static/uploads/thing/1.jpg",
    ]
    back = str(tmp_path / "back")
    assert main(["copy", place, back]) == 0
    assert list(LocalStorage(back).find()) == list(LocalStorage(uploads).find())
    capsys.readouterr()
    assert main(["copy", uploads, place]) == 0
    assert "0 files (0 B) copied, 2 files (1.5 kB) there already" in capsys.readouterr().out


def test_copy_fails_by_its_exit_code(
    place: str, uploads: str, s3: S3Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that differs is named on standard error, and the exit code is 1."""
    s3.save("static/uploads/a.txt", io.BytesIO(b"other"))
    assert main(["copy", uploads, place]) == 1
    out, err = capsys.readouterr()
    assert "1 failed" in out
    assert "s3-saver: 'a.txt' differs" in err
    assert main(["copy", uploads, place, "--overwrite"]) == 0


def test_dry_run_only_tells(
    place: str, uploads: str, s3: S3Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is stored."""
    assert main(["copy", uploads, place, "--dry-run", "--prefix", "thing/"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 file (20 B) to copy")
    assert err == "would copy thing/1.jpg (20 B)\n"
    assert list(s3.find()) == []


def test_ls_lists(place: str, uploads: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Size, time and name, on disk and on S3 alike."""
    main(["copy", uploads, place])
    capsys.readouterr()
    lines = []
    for where in (uploads, place):
        assert main(["ls", where]) == 0
        lines.append([line.split() for line in capsys.readouterr().out.splitlines()])
    for listed in lines:
        assert [(line[0], line[3]) for line in listed] == [("1500", "a.txt"), ("20", "thing/1.jpg")]
    assert main(["ls", place, "--prefix", "thing"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_rm_deletes(
    place: str, uploads: str, s3: S3Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    """By names or by prefix; --dry-run only tells."""
    main(["copy", uploads, place])
    capsys.readouterr()
    assert main(["rm", place, "--prefix", "", "--dry-run"]) == 0
    assert capsys.readouterr().out == "would delete a.txt\nwould delete thing/1.jpg\n"
    assert main(["rm", place, "a.txt", "missing"]) == 0
    out, err = capsys.readouterr()
    assert out == "1 deleted\n"
    assert err == f"s3-saver: there is no file 'missing' in {place}\n"
    assert [info.name for info in s3.find()] == ["static/uploads/thing/1.jpg"]
    assert main(["rm", place, "--prefix", "thing/"]) == 0
    assert list(s3.find()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rm", "{uploads}"], "pass the names to delete, or --prefix"),
        (["rm", "{uploads}", "a.txt", "--prefix", "a"], "pass the names to delete, or --prefix"),
        (["rm", "{uploads}", "../a"], "name '../a' is not safe"),
        (["ls", "/no/such/folder"], "'/no/such/folder' is not a folder"),
        (["copy", "/no/such/folder", "{uploads}"], "'/no/such/folder' is not a folder"),
        (["copy", "{uploads}", "s3://"], "bucket must be a bucket's name"),
        (["copy", "{uploads}", "S3://bucket/x"], "'S3://bucket/x' is not a place: write s3://"),
        (["copy", "{uploads}", "https://bucket.example/x"], "is not a place: write s3://BUCKET"),
        (["copy", "s3:/bucket/x", "{uploads}"], "'s3:/bucket/x' is not a place"),
        (["copy", "{uploads}", "s3:bucket"], "'s3:bucket' is not a place"),
        (["ls", "S3://bucket"], "'S3://bucket' is not a place"),
        (["rm", "file:///srv", "a.txt"], "'file:///srv' is not a place"),
        (["copy", "{uploads}", "s3://My Bucket!"], "letters, digits, '.', '-' and '_'"),
        (["copy", "{uploads}", "s3://b", "--region", "no region"], "no region"),
        (["copy", "{uploads}", "s3://b", "--endpoint-url", "localhost:9000"], "endpoint_url must"),
        (["copy", "{uploads}", "s3://no-such-bucket-here"], "no bucket 'no-such-bucket-here'"),
        (["copy", "{uploads}", "/tmp/x", "--workers", "0"], "workers must be 1 or more"),
        (["copy", "{uploads}", "{uploads}/backup"], "one is inside the other"),
        (["copy", "s3://b/a/b", "s3://b/a/"], "one is inside the other"),
        (["ls", "{uploads}", "--prefix", "../"], "prefix '../' is not safe"),
    ],
)
def test_errors_are_one_line(
    place: str,
    uploads: str,
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is wrong is said on standard error, without a traceback, and the exit code is 1."""
    assert main([argument.format(uploads=uploads) for argument in arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith("s3-saver: ")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="only Linux has /proc")
def test_a_folder_that_cannot_be_made_is_told(
    uploads: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, not per file, and without a traceback."""
    assert main(["copy", uploads, "/proc/no/such"]) == 1
    err = capsys.readouterr().err
    assert "its folder cannot be made" in err
    assert len(err.splitlines()) == 1


def test_a_folder_s_name_may_have_colons(uploads: str, tmp_path: Path) -> None:
    """Only what looks like the address of something else is refused."""
    assert main(["copy", uploads, str(tmp_path / "s3:" / "12:30")]) == 0
    assert (tmp_path / "s3:" / "12:30" / "a.txt").is_file()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The installed version is printed."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"s3-saver {version('s3-saver')}\n"


def test_wrong_usage_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse does, with the usage."""
    with pytest.raises(SystemExit) as caught:
        main(["move", "a", "b"])
    assert caught.value.code == 2
    assert "usage: s3-saver" in capsys.readouterr().err


def test_a_terminal_gets_one_line_that_changes(place: str, uploads: str) -> None:
    """Files, bytes, rate and time left, rewritten in place."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "s3_saver", "copy", uploads, place]
    with subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # Linux says so when the other side is closed
            pass
        os.close(ours)
    assert process.returncode == 0
    assert shown.startswith(b"\r")
    assert b"2/2 files, 1.5 kB of 1.5 kB, " in shown
    assert b"/s, 0:00 left" in shown
