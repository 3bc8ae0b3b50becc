"""What the package shows to the outside, and what importing it costs."""

import pickle
import subprocess
import sys

import pytest

import untrusted_files
from untrusted_files import pictures


def test_public_names_are_pinned() -> None:
    """The package's root offers these names and no others, each with a docstring."""
    assert set(untrusted_files.__all__) == {
        "AUDIO",
        "DOCUMENTS",
        "PICTURES",
        "TEXT",
        "UNKNOWN_TYPE",
        "VIDEO",
        "ArgumentError",
        "BrokenPictureError",
        "CheckedFile",
        "MissingLibraryError",
        "PictureError",
        "PictureTooLargeError",
        "RejectedError",
        "Rules",
        "TooLargeError",
        "WrongDimensionsError",
        "WrongExtensionError",
        "WrongTypeError",
        "canonical_type",
        "clean_filename",
        "extension_of",
        "extensions_of",
        "fits_name",
        "hidden_extension",
        "human_size",
        "is_active",
        "is_active_name",
        "is_shown_inline",
        "is_utf8",
        "measure",
        "name_for",
        "possible_types",
        "response_headers",
        "runs_on_server",
        "sniff_content_type",
        "types_of_name",
    }
    for module in (untrusted_files, pictures):
        for name in module.__all__:
            assert getattr(module, name).__doc__, name


def test_pillow_is_loaded_with_the_first_picture_alone() -> None:
    """Names, types and rules need neither it nor any other library."""
    script = """
import io, sys
before = set(sys.modules)
from untrusted_files import Rules
Rules(types=("text/*",)).check(io.BytesIO(b"a"), "a.txt")
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
sys.exit(", ".join(loaded - sys.stdlib_module_names - {"untrusted_files"}) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_errors_are_one_tree() -> None:
    """What a visitor reads is a RejectedError; mistakes in code are not."""
    for name in untrusted_files.__all__:
        if name.endswith("Error"):
            error = getattr(untrusted_files, name)
            is_code = name in ("ArgumentError", "MissingLibraryError")
            assert issubclass(error, untrusted_files.RejectedError) is not is_code


@pytest.mark.parametrize(
    "error",
    [
        untrusted_files.RejectedError("Choose another file."),
        untrusted_files.TooLargeError("too large", size=2, max_bytes=1),
        untrusted_files.WrongTypeError("not a PNG", content_type="image/png"),
        untrusted_files.WrongExtensionError("not a .png", extension="exe"),
        untrusted_files.WrongDimensionsError("too small", dimensions=(1, 1)),
        untrusted_files.BrokenPictureError("damaged", reason="it ends early"),
        untrusted_files.PictureTooLargeError(
            "too many pixels", reason="4 > 1", limit="max_pixels", value=4, maximum=1
        ),
        untrusted_files.ArgumentError("max_bytes", 0, "1 or more"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_keep_their_data_between_processes(error: Exception) -> None:
    """An error that a process pool or a task queue sends arrives with message and attributes."""
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)
