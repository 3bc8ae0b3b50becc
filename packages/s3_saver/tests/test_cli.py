"""The command s3-saver."""

import io
import os
import pty
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from s3_saver import LocalStorage, S3Storage
from s3_saver._cli import main
from s3_saver.testing import S3Server
from s3_saver.testing._moto import moto_server


@pytest.fixture
def place(s3: S3Storage, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket's place, with the environment that the command needs."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{s3.bucket_name}/static/uploads"


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
    assert err.rstrip().endswith("; pass --overwrite to replace it")
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


def test_ls_ends_with_a_total(uploads: str, capsys: pytest.CaptureFixture[str]) -> None:
    """How many files and bytes there are goes to standard error, unless --quiet."""
    assert main(["ls", uploads]) == 0
    assert capsys.readouterr().err == "2 files (1.5 kB)\n"
    assert main(["ls", uploads, "--quiet", "--prefix", "a"]) == 0
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (1, "")


def test_copy_may_be_quiet(
    uploads: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --quiet only failures and the total are printed."""
    target = LocalStorage(tmp_path / "target")
    target.save("a.txt", io.BytesIO(b"other"))
    assert main(["copy", uploads, target.root, "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert out == "1 file (20 B) copied, 0 files (0 B) there already, 1 failed\n"
    assert err.startswith("s3-saver: 'a.txt' differs in LocalStorage")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("by", ["flags", "environment"])
def test_each_side_of_a_copy_has_its_own_store(
    s3: S3Storage,
    s3_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    by: str,
) -> None:
    """From one store straight to another: endpoint, region and keys of each side."""
    with moto_server() as other:
        theirs = S3Server(other, "otherkey", "othersecret")
        bucket = theirs.make_bucket()
        s3.save("a.txt", io.BytesIO(b"x"), content_type="image/png")
        arguments = ["copy", f"s3://{s3.bucket_name}", f"s3://{bucket}", "--quiet"]
        for side, server in (("source", s3_server), ("target", theirs)):
            arguments += [f"--{side}-endpoint-url", server.endpoint_url]
            arguments += [f"--{side}-region", server.region]
            for name in ("access_key_id", "access_key_secret"):
                value = getattr(server, name)
                if by == "flags":
                    arguments += [f"--{side}-{name.replace('_', '-')}", value]
                else:
                    monkeypatch.setenv(f"S3_SAVER_{side}_{name}".upper(), value)
        assert main(arguments) == 0
        assert capsys.readouterr().out.startswith("1 file (1 B) copied")
        assert theirs.storage(bucket).stat("a.txt").content_type == "image/png"
        # The same bucket's name on another store is another bucket.
        theirs.make_bucket(s3.bucket_name)
        assert main([*arguments[:2], f"s3://{s3.bucket_name}", *arguments[3:]]) == 0
        theirs.remove_bucket(s3.bucket_name)
        theirs.remove_bucket(bucket)


def test_ls_lists_size_time_and_name_on_disk_and_s3(
    place: str, uploads: str, capsys: pytest.CaptureFixture[str]
) -> None:
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


def test_rm_deletes_by_name_or_prefix(
    place: str, uploads: str, s3: S3Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files are deleted by names or by prefix; --dry-run only lists them."""
    main(["copy", uploads, place])
    capsys.readouterr()
    assert main(["rm", place, "--prefix", "", "--dry-run"]) == 0
    assert capsys.readouterr().out == "would delete a.txt\nwould delete thing/1.jpg\n"
    assert main(["rm", place, "a.txt", "missing"]) == 1
    out, err = capsys.readouterr()
    assert out == "1 deleted\n"
    assert err == f"s3-saver: there is no file 'missing' in {place}\n"
    assert [info.name for info in s3.find()] == ["static/uploads/thing/1.jpg"]
    assert main(["rm", place, "--prefix", "thing/"]) == 0
    assert list(s3.find()) == []


PYTHON_WORDS = ("endpoint_url", "region=", "access_key_", "overwrite=", "older_than", "None")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rm", "{uploads}"], "pass the names to delete, or --prefix"),
        (["rm", "{uploads}", "a.txt", "--prefix", "a"], "pass the names to delete, or --prefix"),
        (["rm", "{uploads}", "../a"], "name '../a' is not safe"),
        (["ls", "/no/such/folder"], "'/no/such/folder' is not a folder"),
        (["copy", "/no/such/folder", "{uploads}"], "'/no/such/folder' is not a folder"),
        (["copy", "{uploads}", "s3://"], "'s3://' names no bucket: write s3://BUCKET/PREFIX"),
        (["copy", "{uploads}", "S3://bucket/x"], "'S3://bucket/x' is not a place: write s3://"),
        (["copy", "{uploads}", "https://bucket.example/x"], "is not a place: write s3://BUCKET"),
        (["copy", "s3:/bucket/x", "{uploads}"], "'s3:/bucket/x' is not a place"),
        (["copy", "{uploads}", "s3:bucket"], "'s3:bucket' is not a place"),
        (["ls", "S3://bucket"], "'S3://bucket' is not a place"),
        (["rm", "file:///srv", "a.txt"], "'file:///srv' is not a place"),
        (["copy", "{uploads}", "s3://My Bucket!"], "letters, digits, '.', '-' and '_'"),
        (["copy", "{uploads}", "s3://b", "--region", "no region"], "no region"),
        (
            ["copy", "{uploads}", "s3://b", "--endpoint-url", "localhost:9000"],
            "--endpoint-url must be",
        ),
        (
            ["copy", "{uploads}", "s3://b", "--target-endpoint-url", "http://b.example.org"],
            "--target-endpoint-url must be the address of the store, without the bucket 'b'",
        ),
        (
            ["copy", "{uploads}", "s3://b", "--target-access-key-id", "k"],
            "--target-access-key-id and --target-access-key-secret go together",
        ),
        (["ls", "s3://b", "--endpoint-url", "http://127.0.0.1:9"], "check --endpoint-url and the"),
        (["rm", "{uploads}", "a.txt", "--older-than", "1d"], "--older-than goes with --prefix"),
        (["rm", "{uploads}", "--prefix", "", "--older-than", "1y"], "--older-than must be an age"),
        (["prune", "{uploads}", "--older-than", "soon"], "--older-than must be an age such as 30m"),
        (["copy", "{uploads}", "s3://no-such-bucket-here"], "no bucket 'no-such-bucket-here'"),
        (["copy", "{uploads}", "/tmp/x", "--workers", "0"], "--workers must be 1 or more, got 0"),
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
    """An error is one line on standard error, without a traceback, and the exit code is 1."""
    assert main([argument.format(uploads=uploads) for argument in arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith("s3-saver: ")
    assert message in err
    assert not [word for word in PYTHON_WORDS if word in err]
    assert len(err.splitlines()) == 1


def test_rm_of_nothing_fails(uploads: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As rm does: a named file that is not there is an error, after the others are deleted."""
    assert main(["rm", uploads, "missing"]) == 1
    out, err = capsys.readouterr()
    assert out == "0 deleted\n"
    assert err == f"s3-saver: there is no file 'missing' in {uploads}\n"
    assert main(["rm", uploads, "--prefix", "none"]) == 0
    assert capsys.readouterr().out == "0 deleted\n"
    assert main(["rm", uploads, "a.txt", "missing", "--dry-run"]) == 1
    assert capsys.readouterr().out == "would delete a.txt\n"


def test_rm_may_spare_the_young(uploads: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With --older-than, younger files stay."""
    os.utime(os.path.join(uploads, "a.txt"), (0, time.time() - 3600))
    assert main(["rm", uploads, "--prefix", "", "--older-than", "30m", "--dry-run"]) == 0
    assert capsys.readouterr().out == "would delete a.txt\n"
    assert main(["rm", uploads, "--prefix", "", "--older-than", "30m"]) == 0
    assert capsys.readouterr().out == "1 deleted\n"
    assert [info.name for info in LocalStorage(uploads).find()] == ["thing/1.jpg"]


@pytest.mark.parametrize(
    ("answer", "code", "left"), [(b"n\n", 1, 2), (b"\n", 1, 2), (b"y\n", 0, 0)]
)
def test_rm_asks_at_a_terminal(uploads: str, answer: bytes, code: int, left: int) -> None:
    """Before many are deleted by their prefix, the command asks on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "s3_saver", "rm", uploads, "--prefix", ""]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE) as process:
        os.write(ours, answer)
        assert process.stdout
        shown = process.stdout.read().decode()
    os.close(ours)
    os.close(theirs)
    assert shown.startswith(f"Delete 2 files (1.5 kB) of {uploads}? [y/N] ")
    assert process.returncode == code
    assert len(list(LocalStorage(uploads).find())) == left


def test_rm_does_not_ask_with_yes(uploads: str) -> None:
    """At a terminal too."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "s3_saver", "rm", uploads, "--prefix", "", "--yes"]
    assert subprocess.check_output(command, stdin=theirs, text=True) == "2 deleted\n"
    os.close(ours)
    os.close(theirs)


def test_rm_leaves_no_odd_key(
    place: str, s3: S3Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys that no save takes, and what S3's console made for folders, are deleted as well."""
    for key in ("x//b", "plain", "../up", "back\\slash", "folder/", "folder/a"):
        s3.client.put_object(
            Bucket=s3.bucket_name,
            Key=f"static/uploads/{key}",
            Body=b"" if key == "folder/" else b"x",
        )
    s3.save("static/other", io.BytesIO(b"x"))
    assert main(["rm", place, "--prefix", ""]) == 0
    assert capsys.readouterr().out == "5 deleted, and 1 empty object of folders\n"
    answer = s3.client.list_objects_v2(Bucket=s3.bucket_name)
    assert [entry["Key"] for entry in answer["Contents"]] == ["static/other"]


def test_copy_goes_on_after_an_odd_key(
    place: str, s3: S3Storage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named as a failure, and everything else is copied."""
    for key in ("x//b", "plain", "z"):
        s3.client.put_object(Bucket=s3.bucket_name, Key=f"static/uploads/{key}", Body=b"x")
    assert main(["copy", place, str(tmp_path / "target")]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("2 files (2 B) copied, 0 files (0 B) there already, 1 failed")
    assert "s3-saver: name 'x//b' is not safe: it has an empty segment" in err


def test_prune_deletes_what_killed_processes_left(
    place: str, s3: S3Storage, uploads: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hidden files of a day and more, which no other command shows, on disk and on S3."""
    hidden = Path(uploads, "thing", ".s3-saver-0123456789abcdef")
    hidden.write_bytes(b"x")
    assert main(["ls", uploads, "--prefix", "thing/"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["prune", uploads]) == 0
    assert capsys.readouterr().out == "0 deleted\n"
    os.utime(hidden, (0, time.time() - 25 * 3600))
    assert main(["prune", uploads, "--dry-run"]) == 0
    assert capsys.readouterr().out == "would delete thing/.s3-saver-0123456789abcdef\n"
    assert main(["prune", uploads]) == 0
    assert capsys.readouterr().out == "1 deleted\n"
    assert not hidden.exists()
    s3.client.put_object(Bucket=s3.bucket_name, Key="static/uploads/.s3-saver-probe-1", Body=b"")
    assert main(["ls", place]) == 0
    assert capsys.readouterr().out == ""
    assert main(["prune", place]) == 0
    assert main(["prune", place, "--older-than", "0"]) == 0
    assert capsys.readouterr().out == "0 deleted\n1 deleted\n"


@pytest.mark.parametrize("command", [[], ["copy"], ["ls"], ["rm"], ["prune"]])
def test_help_says_how_long_a_dead_network_takes(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each help names the variables that are obeyed, and when a server counts as gone."""
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "gone is reported after half a minute at most" in shown
    assert "AWS_ENDPOINT_URL" in shown


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


def test_version_prints_the_installed_version(capsys: pytest.CaptureFixture[str]) -> None:
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


def run(
    *arguments: str, encoding: str = "utf-8", **options: Any
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with the buffers that a user's has."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("PYTHONUNBUFFERED")
    }
    return subprocess.run(
        [sys.executable, "-m", "s3_saver", *arguments],
        text=True,
        check=False,
        stderr=subprocess.PIPE,
        env={**environment, "PYTHONIOENCODING": encoding},
        **options,
    )


@pytest.fixture
def odd(uploads: str) -> str:
    """A folder in which another program has left names that no save takes."""
    for name in (b"bad\xff.txt", b"esc\x1b[31m.txt", b"new\nline.txt", "größe.txt".encode()):
        Path(uploads, os.fsdecode(name)).write_bytes(b"x")
    return uploads


def test_names_of_others_are_one_line_each(odd: str, tmp_path: Path) -> None:
    """No name ends a listing, is two lines of it, or says something to the terminal."""
    shown = [
        "a.txt",
        r"bad\udcff.txt",
        r"esc\x1b[31m.txt",
        "größe.txt",
        r"new\nline.txt",
        "thing/1.jpg",
    ]
    for encoding, size in (("utf-8", "größe"), ("ascii", r"gr\xf6\xdfe")):
        listing = run("ls", odd, encoding=encoding, stdout=subprocess.PIPE)
        assert (listing.returncode, listing.stderr) == (0, "6 files (1.5 kB)\n")
        assert [line[33:] for line in listing.stdout.splitlines()] == [
            name.replace("größe", size) for name in shown
        ]
    pruned = run("rm", odd, "--prefix", "", "--dry-run", stdout=subprocess.PIPE)
    assert pruned.stdout.splitlines() == [f"would delete {name}" for name in shown]
    copied = run("copy", odd, str(tmp_path / "copy"), stdout=subprocess.PIPE)
    assert "3 files (1.5 kB) copied" in copied.stdout
    assert "3 failed" in copied.stdout
    assert r"failed esc\x1b[31m.txt (1 B)" in copied.stderr
    assert "\x1b" not in copied.stderr


def test_rm_deletes_an_odd_file_by_its_name(
    odd: str, place: str, s3: S3Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    """What ls lists, rm deletes, and no other file with it; what is not there is refused."""
    assert main(["rm", odd, "new\nline.txt", os.fsdecode(b"bad\xff.txt"), "a.txt"]) == 0
    assert capsys.readouterr().out == "3 deleted\n"
    for key in ("x/a", "x//b", "../up"):
        s3.client.put_object(Bucket=s3.bucket_name, Key=f"static/uploads/{key}", Body=b"x")
    assert main(["rm", place, "x//b", "../up"]) == 0
    assert capsys.readouterr().out == "2 deleted\n"
    assert [info.name for info in s3.find()] == ["static/uploads/x/a"]
    assert main(["rm", odd, "../a.txt"]) == 1
    assert "has the segment '..'" in capsys.readouterr().err


def test_rm_counts_a_file_once(uploads: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is passed twice is one file."""
    assert main(["rm", uploads, "a.txt", "a.txt", "no", "no"]) == 1
    out, err = capsys.readouterr()
    assert out == "1 deleted\n"
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("names", [["a.txt"], ["--prefix", ""]])
def test_an_empty_age_deletes_nothing(
    uploads: str, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As a script's variable that is not set leaves it."""
    assert main(["rm", uploads, *names, "--older-than", ""]) == 1
    assert "--older-than" in capsys.readouterr().err
    assert len(list(LocalStorage(uploads).find())) == 2


@pytest.mark.parametrize(
    "arguments", [["ls", "--quiet"], ["ls"], ["rm", "--prefix", "", "--dry-run"]]
)
def test_a_reader_that_has_gone_is_no_complaint(uploads: str, arguments: list[str]) -> None:
    """The exit code is 1, and nothing is printed about it."""
    ours, theirs = os.pipe()
    os.close(ours)
    gone = run(arguments[0], uploads, *arguments[1:], stdout=theirs)
    os.close(theirs)
    assert (gone.returncode, gone.stderr) == (1, "")


def test_a_full_disk_is_one_line(uploads: str) -> None:
    """Where the output goes to a file."""
    with open("/dev/full", "w") as full:
        listing = run("ls", "--quiet", uploads, stdout=full)
    assert listing.returncode == 1
    assert listing.stderr.splitlines() == ["s3-saver: [Errno 28] No space left on device"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_standard_streams_may_be_closed(uploads: str, closed: str) -> None:
    """As some supervisors start a process."""
    for command in ("ls {}", "rm {} --prefix a"):
        line = f"{sys.executable} -m s3_saver {command.format(uploads)} {closed}"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    assert [info.name for info in LocalStorage(uploads).find()] == ["thing/1.jpg"]


def test_no_answer_at_a_terminal_means_no(uploads: str) -> None:
    """Ctrl-D is no yes, and no traceback."""
    ours, theirs = pty.openpty()
    os.write(ours, b"\x04")
    asked = run("rm", uploads, "--prefix", "", stdin=theirs, stdout=subprocess.PIPE)
    os.close(ours)
    os.close(theirs)
    assert (asked.returncode, asked.stderr) == (1, "")
    assert asked.stdout.endswith("0 deleted\n")
    assert len(list(LocalStorage(uploads).find())) == 2


@pytest.mark.parametrize(
    "endpoints",
    [
        ("", "--target-endpoint-url=http://127.0.0.1:9"),
        ("--source-endpoint-url=http://127.0.0.1:9/", ""),
        ("--endpoint-url=http://127.0.0.1:9", "--target-endpoint-url=http://127.0.0.1:9/"),
    ],
)
def test_one_store_is_one_however_it_is_written(
    endpoints: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A copy into its own source is refused, although one side's endpoint is the environment's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    flags = [flag for flag in endpoints if flag]
    assert main(["copy", "s3://bucket/a", "s3://bucket/a/b", *flags]) == 1
    assert "one is inside the other" in capsys.readouterr().err
