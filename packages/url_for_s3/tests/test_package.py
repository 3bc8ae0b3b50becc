import subprocess
import sys
from importlib.metadata import requires
from importlib.resources import files

import url_for_s3


def test_public_names() -> None:
    """The package's public names are exactly these."""
    assert url_for_s3.__all__ == [
        "PUT_CHANGING_HEADERS",
        "ArgumentError",
        "ArgumentTypeError",
        "CloudFrontCookies",
        "CloudFrontSigner",
        "MissingPackageError",
        "PresignedPost",
        "S3Bucket",
        "S3Credentials",
        "object_headers",
        "presign_post_for_s3",
        "presign_url_for_s3",
        "url_for_s3",
    ]
    assert all(hasattr(url_for_s3, name) for name in url_for_s3.__all__)


def test_typed() -> None:
    """Type checkers see that the package is typed."""
    assert files(url_for_s3).joinpath("py.typed").is_file()


def test_light_import() -> None:
    """Importing the package loads none of the slow modules of the standard library, and nothing
    from outside of it.
    """
    code = (
        "import sys; before = set(sys.modules); import url_for_s3;"
        " print(*sorted(name.partition('.')[0] for name in set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "url_for_s3" in loaded
    assert loaded <= {"url_for_s3", *sys.stdlib_module_names}
    slow = {"typing", "json", "urllib", "hashlib", "hmac", "ipaddress", "difflib", "unicodedata"}
    assert loaded.isdisjoint(slow)


def test_no_dependencies() -> None:
    """Installing the package installs nothing else, unless an extra is asked for."""
    assert all("extra ==" in requirement for requirement in requires("url-for-s3") or [])
