"""JupyterLab on this machine, driven in headless Chromium: what the browser tests and the benchmark share."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ARTEFACTS = ROOT / "artefacts" / "browser"
#: The lessons with an explorer each, in order.  Lesson 09, which has several and trains for a while, is apart.
LESSONS = sorted(path.parent.name for path in (ROOT / "source").glob("0[1-8]-*/*.ipynb"))
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
LAB = (
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.expose_app_in_browser=True",  # the page has window.jupyterapp
    "--LabApp.extension_manager=readonly",
    "--ServerApp.port_retries=0",
)
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True)
class Server:
    """A running JupyterLab whose files are in ``root``."""

    root: Path
    url: str
    token: str
    network_log: Path

    def notebook(self, folder: str, lesson: str) -> str:
        """The path of a lesson's notebook in the course folder, under source or release."""
        (path,) = (self.root / folder / lesson).glob("*.ipynb")
        return str(path.relative_to(self.root))

    def looked_outside(self) -> list[str]:
        """What the server and its kernels wanted from other machines (it was refused)."""
        return self.network_log.read_text().splitlines() if self.network_log.exists() else []


@contextmanager
def jupyterlab(root: Path, home: Path) -> Iterator[Server]:
    """A JupyterLab for the files in ``root``, with settings of its own in ``home``, until the block ends."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(root, f"http://127.0.0.1:{port}", secrets.token_hex(8), home / "network.log")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(HERE / "guard"),
        "NETWORK_LOG": str(server.network_log),
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    environment.pop("NBGRADER_EXECUTION", None)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", f"--IdentityProvider.token={server.token}", *LAB]
    with (home / "lab.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_up(server, process, home / "lab.log")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)  # SIGINT would ask whether it is meant
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=2).read()
            return
        except (OSError, urllib.error.URLError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.1)


@dataclass
class Browser:
    """Headless Chromium, and what its pages asked of other machines and complained about."""

    context: BrowserContext
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def chromium(playwright: Playwright, width: int = 1280, height: int = 1000) -> Iterator[Browser]:
    """A browser that finds no other machine, until the block ends."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM))
    context = running.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(30_000)
    browser = Browser(context)

    def asked(request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            browser.outside.append(request.url)

    def logged(message: Any) -> None:
        if message.type == "error":
            browser.errors.append(message.text)

    context.on("request", asked)
    context.on("console", logged)
    context.on("weberror", lambda error: browser.errors.append(str(error.error)))
    try:
        yield browser
    finally:
        running.close()


def open_notebook(browser: Browser, server: Server, path: str) -> Page:
    """A page with one notebook, its kernel connected."""
    page = browser.context.new_page()
    page.goto(f"{server.url}/doc/tree/{path}?reset&token={server.token}")
    page.locator(f"{PANEL} .jp-Notebook .jp-Cell").first.wait_for()
    wait_idle(page)
    # "Idle" is shown before the kernel's channels are open, and what is run at that moment is lost.
    page.evaluate(
        """async () => {
            const session = window.jupyterapp.shell.currentWidget.context.sessionContext;
            await session.ready;
            const kernel = session.session.kernel;
            await kernel.info;
            while (kernel.connectionStatus !== "connected") await new Promise(done => setTimeout(done, 50));
            await kernel.requestExecute({code: "0", silent: true, store_history: false}).done;
        }"""
    )
    return page


def wait_idle(page: Page, timeout: float = 120) -> None:
    """Wait until the kernel is idle and no cell is still marked [*]."""
    page.locator(f'{PANEL} .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(timeout=timeout * 1000)
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.includes('*'))",
        timeout=timeout * 1000,
    )


def command(page: Page, name: str, timeout: float = 120) -> None:
    """Run one of JupyterLab's commands.  A dialog would block it for ever, and is told instead."""
    ended = page.evaluate(
        """([name, limit]) => Promise.race([
            window.jupyterapp.commands.execute(name).then(() => true),
            new Promise(done => setTimeout(() => done(false), limit))])""",
        [name, timeout * 1000],
    )
    if not ended:
        raise TimeoutError(f"{name} does not end; dialogs: {page.locator('.jp-Dialog').all_inner_texts()}")


def run_all(page: Page, timeout: float = 120) -> None:
    """Run all cells; it ends with the last one, or with the first that fails."""
    command(page, "notebook:run-all-cells", timeout)
    wait_idle(page, timeout)


def errors(page: Page) -> list[str]:
    """The errors among the notebook's outputs, and the code cells that did not run."""
    found: list[str] = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter(cell => cell.model.type === "code" && cell.model.sharedModel.getSource().trim())
            .flatMap(cell => {
                const outputs = cell.model.outputs.toJSON().filter(output => output.output_type === "error");
                const told = outputs.map(output => `${output.ename}: ${output.evalue}`);
                const source = cell.model.sharedModel.getSource().split("\\n")[0];
                return cell.model.executionCount === null ? [...told, `did not run: ${source}`] : told;
            })"""
    )
    return found


def explorers(page: Page) -> Locator:
    """The explorers that are shown, in order."""
    return page.locator(f"{PANEL} .convlab-explorer")
