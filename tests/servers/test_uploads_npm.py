"""flask_s3_upload and what the npm registry has: the real Uppy, TypeScript's checker, axe-core."""

import re
import subprocess
from pathlib import Path

import pytest

from servers.uploads_album import HOLD, PART, Page
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
    """The real Uppy with the code of the package's README, as one script."""
    folder = tmp_path_factory.mktemp("uppy")
    (block,) = re.findall(r"```js\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    assert "16 * 1024 * 1024" in block  # UPLOADS_PART_BYTES, by default
    block = block.replace("16 * 1024 * 1024", str(PART))  # as the test's site has it
    (folder / "entry.js").write_text(UPPY % block)
    npm(folder, "@uppy/core@5", "@uppy/aws-s3@5", "esbuild@0.25")
    bundle = ["node_modules/.bin/esbuild", "entry.js", "--bundle", "--outfile=bundle.js"]
    subprocess.run(bundle, cwd=folder, check=True)
    return (folder / "bundle.js").read_text()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core, as one script."""
    folder = tmp_path_factory.mktemp("axe")
    npm(folder, "axe-core@4")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


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


@pytest.mark.parametrize("page", ["disk"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(
    browser: Browser, page: Page, pictures: list[Path], axe: str, tmp_path: Path, scheme: str
) -> None:
    """axe-core finds nothing in the element with its own styles, light and dark, while files wait,
    have failed, were refused, and are there."""
    (tmp_path / "page.html").write_text("<script>")
    page.failing = {"sign": [418]}
    browser.open(page.url + "two")
    browser.until("document.querySelector('[data-direct-upload=on]')")
    browser.run(
        "document.documentElement.lang = 'en'; document.body.setAttribute('role', 'main');"
        " Object.assign(document.documentElement.style,"
        " {colorScheme: arguments[0], backgroundColor: arguments[1]})",
        *(["dark", "#121212"] if scheme == "dark" else ["light", "#ffffff"]),
    )
    browser.run(HOLD, "part")
    files = "input[multiple]"
    browser.type(files, str(pictures[0]))
    browser.until("document.querySelector('li.is-failed')")
    chosen = (pictures[1], tmp_path / "page.html", pictures[2])
    browser.type(files, "\n".join(map(str, chosen)))
    browser.until("document.querySelector('li.is-done') && document.querySelector('li.is-refused')")
    browser.until("document.querySelector('li:not([class])')")
    browser.run(f"{axe}; axe.run('.direct-upload').then((found) => {{ window.found = found; }})")
    found = browser.until("window.found")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert {"color-contrast", "label", "button-name"} <= {rule["id"] for rule in found["passes"]}
    browser.run("release()")


def test_the_module_s_types_hold(tmp_path: Path) -> None:
    """TypeScript's checker finds nothing in the modules, whose types are in their comments."""
    npm(tmp_path, "typescript@5")
    options = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022"]
    options += ["--module", "es2022", "--lib", "es2022,dom,dom.iterable"]
    module = PACKAGE / "src" / "flask_s3_upload" / "static" / "direct-upload.js"
    command = [str(tmp_path / "node_modules" / ".bin" / "tsc"), *options, str(module)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
