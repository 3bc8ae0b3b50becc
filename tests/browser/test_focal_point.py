"""The focal point of a picture is picked in the admin, under a strict Content-Security-Policy."""

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response
from picture_admin import Site, picture
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

_POLICY = "default-src 'none'; script-src 'nonce-abc'; style-src 'self' 'nonce-abc'; img-src 'self'"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The site with one picture, and the URL of its form."""
    site = Site(tmp_path, csp_nonce_generator=lambda: "abc")

    @site.app.after_request
    def add_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    site.save("new/", (io.BytesIO(picture()), "sea.png"))
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}/admin/picture/edit/?id=1"
    server.shutdown()
    thread.join()
    server.server_close()
    with site.app.app_context():
        site.db.engine.dispose()


def test_by_mouse_and_keyboard(served: tuple[Site, str], chromium: Browser) -> None:
    """A click says where the point is, arrows move it by 1 %, with Shift by 10 %, and Delete takes
    it away.
    """
    site, url = served
    page = chromium.new_page()
    page.goto(url)
    page.get_by_text("Focal point", exact=True).click()
    button = page.get_by_role("button", name="Focal point of sea.png")
    expect(button).to_be_visible()
    left, top = (page.get_by_label(f"% from the {side}") for side in ("left", "top"))
    expect(left).to_have_value("")

    button.locator("img").click(position={"x": 75, "y": 150})  # of 300 x 200
    assert abs(float(left.input_value()) - 25) < 1
    assert abs(float(top.input_value()) - 75) < 1
    left.fill("30")
    top.fill("70")
    button.press("ArrowRight")
    button.press("Shift+ArrowUp")
    expect(left).to_have_value("31")
    expect(top).to_have_value("60")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    assert site.stored().metadata["focus"] == [31, 60]

    page.goto(url)
    page.get_by_text("Focal point", exact=True).click()
    button.press("Delete")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    assert "focus" not in site.stored().metadata
    page.close()


def test_without_script(served: tuple[Site, str], chromium: Browser) -> None:
    """The two numbers can be typed."""
    site, url = served
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    page.get_by_text("Focal point", exact=True).click()
    page.get_by_label("% from the left").fill("12.5")
    page.get_by_label("% from the top").fill("50")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    assert site.stored().metadata["focus"] == [12.5, 50]
    context.close()
