"""flask_s3_upload and what the npm registry has: the real Uppy, and TypeScript's checker."""

import re
import subprocess
from pathlib import Path

import pytest

from servers.uploads_album import PART, Page
from servers.webdriver import Browser

pytestmark = pytest.mark.servers

PACKAGE = Path(__file__).parents[2] / "packages" / "flask_s3_upload"

UPPY = """
import Uppy from "@uppy/core";
import AwsS3 from "@uppy/aws-s3";
const csrfToken = "";
const uppy = (window.uppy = new Uppy());
%s
uppy.getPlugin("AwsS3Multipart").setOptions({
  shouldUseMultipart: (file) => file.size > 5 * 1024 * 1024,
});
window.send = async (files) => {
  for (const [name, size] of files) {
    const bytes = new Uint8Array(size);
    bytes.set([137, 80, 78, 71, 13, 10, 26, 10]);
    uppy.addFile({ name, type: "image/png", data: new File([bytes], name, { type: "image/png" }) });
  }
  const { failed } = await uppy.upload();
  window.sent = { failed: failed.map((file) => file.error) };
};
window.submit = async () => {
  const form = new FormData();
  form.append("title", "Holidays");
  for (const file of uppy.getFiles()) form.append("photos", file.meta.token);
  const answer = await fetch("/", { method: "POST", body: form });
  window.answer = await answer.text();
};
"""


def npm(folder: Path, *packages: str) -> None:
    """Install packages of the npm registry into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    subprocess.run(command, check=True)


@pytest.fixture(scope="session")
def uppy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The real Uppy with what the package's README tells to write, as one script."""
    folder = tmp_path_factory.mktemp("uppy")
    (block,) = re.findall(r"```js\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    assert "16 * 1024 * 1024" in block  # UPLOADS_PART_BYTES, by default
    block = block.replace("16 * 1024 * 1024", str(PART))  # as the test's site has it
    (folder / "entry.js").write_text(UPPY % block)
    npm(folder, "@uppy/core@5", "@uppy/aws-s3@5", "esbuild@0.25")
    bundle = ["node_modules/.bin/esbuild", "entry.js", "--bundle", "--outfile=bundle.js"]
    subprocess.run(bundle, cwd=folder, check=True)
    return (folder / "bundle.js").read_text()


def test_uppy(browser: Browser, page: Page, uppy: str) -> None:
    """The signing answers fit Uppy's own plugin, for whole files and for parts; what it has sent is
    claimed like any other."""
    browser.open(page.url + "?plain")
    browser.run(
        "document.head.append(Object.assign(document.createElement('script'),"
        " {textContent: arguments[0]}))",
        uppy,
    )
    browser.run("send(arguments[0]); return 1", [["a.png", 1000], ["big.png", PART + 1000]])
    if page.by_post:
        # Ceph's answer to a POST has no ETag, for which Uppy waits: look for the files themselves.
        # What the app tries the store with lies there for a moment, too.
        while not {1000, PART + 1000} <= {info.size for info in page.storage.find("pending/")}:
            assert browser.run("return window.sent") is None
    else:
        assert browser.until("window.sent")["failed"] == []
    browser.run("submit()")
    assert "saved" in browser.until("window.answer")
    assert {(stored["name"], stored["size"]) for stored in page.album} == {
        ("album/a.png", 1000),
        ("album/big.png", PART + 1000),
    }
    assert page.asked("part") > 0


def test_the_module_s_types_hold(tmp_path: Path) -> None:
    """TypeScript's checker finds nothing in the module, whose types are in its comments."""
    npm(tmp_path, "typescript@5")
    options = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022"]
    options += ["--module", "es2022", "--lib", "es2022,dom,dom.iterable"]
    module = PACKAGE / "src" / "flask_s3_upload" / "static" / "direct-upload.js"
    command = [str(tmp_path / "node_modules" / ".bin" / "tsc"), *options, str(module)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
