"""Take the README's pictures from the graded sample class: run `make demo` first."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Write docs/images/feedback.png: what a student reads who added the bias to every product."""
    page_file = ROOT / "demo" / "feedback" / "emeka" / "03-conv-forward" / "conv_forward.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=1.5)
        page.goto(page_file.as_uri())
        verdict = page.locator(".output_html", has_text="conv_forward, hidden tests").last
        verdict.screenshot(path=ROOT / "docs" / "images" / "feedback.png")
        browser.close()


if __name__ == "__main__":
    main()
