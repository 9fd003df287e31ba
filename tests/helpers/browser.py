"""Opens a page in a real browser without a screen and tells what became of it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = next(
    (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None
)
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=8000",
    "--dump-dom",
]
# Told to the page around it, which stands in for a window of a given width: Chromium's own has a
# least one.
PROBE = """<script>
window.addEventListener("load", () => parent.postMessage({
  images: document.images.length,
  broken: [...document.images].filter(i => !(i.complete && i.naturalWidth > 0)).length,
  wide: document.scrollingElement.scrollWidth,
  tall: document.scrollingElement.scrollHeight,
}, "*"));
</script></body>"""
FRAME = """<!DOCTYPE html><html><body><pre id="told">nothing</pre><script>
window.addEventListener("message", e =>
  document.getElementById("told").textContent = JSON.stringify(e.data));
</script><iframe src="{name}" style="border:0;width:{width}px;height:900px"></iframe>
</body></html>"""


@dataclass(frozen=True)
class BrowserView:
    """What the browser saw."""

    images: int
    # Those without an image.
    broken: int
    # Width and height of what can be scrolled to, pixels.
    wide: int
    tall: int
    # What went to the console.
    console: list[str]


def look_at(page: str, width: int, folder: Path) -> BrowserView:
    """Open a page, as text, in a window of some width."""
    assert PROGRAM is not None
    (folder / "page.html").write_text(page.replace("</body>", PROBE), encoding="utf-8")
    outer = folder / "outer.html"
    outer.write_text(FRAME.format(name="page.html", width=width), encoding="utf-8")
    done = subprocess.run(
        [PROGRAM, *FLAGS, f"--user-data-dir={folder / 'profile'}", outer.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told is not None, done.stderr
    assert told.group(1) != "nothing", done.stderr
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return BrowserView(**json.loads(html.unescape(told.group(1))), console=console)
