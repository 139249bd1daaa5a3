"""What the linters cannot say about the shape of the project."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import mcp
import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("mcp/**/*.py")])
SOURCES = [path for path in SOURCES if "scenarios" not in path.parts]
MAX_LINES = 300


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_module_is_small_and_says_why_it_exists(path: Path) -> None:
    """At most 300 lines, opened by a docstring."""
    source = path.read_text(encoding="utf-8")

    assert len(source.splitlines()) <= MAX_LINES
    assert ast.get_docstring(ast.parse(source)) or not source.strip()


def test_mcp_is_a_source_root_and_never_a_package() -> None:
    """With an __init__.py there, `import mcp` would find this folder instead of the MCP SDK."""
    assert not (ROOT / "mcp" / "__init__.py").exists()
    assert "site-packages" in str(mcp.__file__)
    assert [
        path.name
        for path in (ROOT / "mcp").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    ] == ["tocsin_mcp"]
    assert not list((ROOT / "mcp").glob("**/test_*.py"))
    assert not list((ROOT / "mcp").glob("**/conftest.py"))


def test_tests_neither_patch_nor_sleep() -> None:
    """Conditions are waited for, clocks are injected, and our own code is never replaced."""
    for path in ROOT.glob("tests/**/*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name in ("test_architecture.py", "conftest.py"):
            continue
        assert "unittest.mock" not in source, path
        assert not re.search(r"monkeypatch\.setattr\(\s*\"?(?:bot|tocsin_mcp)\b", source), path
        assert "time.sleep(" not in source, path


def test_the_lock_has_hashes_and_no_addresses() -> None:
    """Names, versions and hashes: whatever index serves them."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "--index-url" not in text
    assert not (ROOT / "uv.lock").exists()


def test_the_lock_holds_every_declared_dependency() -> None:
    """A dependency that is declared and not locked would not be installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {
        line.split("==")[0]
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    }

    declared = {
        requirement.split(">=")[0].split("[")[0].strip() for requirement in project["dependencies"]
    }
    assert declared <= locked


@pytest.mark.parametrize("module", ["bot.cli", "bot.front"])
def test_the_front_imports_neither_the_model_nor_the_tools(module: str) -> None:
    """They cost seconds of CPU; an ack must not wait for them."""
    code = f"import sys, {module}; print(*(m for m in ('anthropic', 'fastmcp', 'mcp') if m in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )

    assert ran.stdout.strip() == ""


def test_help_names_every_command_and_imports_none() -> None:
    """`tocsin --help` is instant: argparse and nothing else."""
    code = "import sys; from bot.cli import COMMANDS, parser; text = parser().format_help(); print(all(c.name in text for c in COMMANDS), 'aiohttp' in sys.modules, 'pydantic' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )

    assert ran.stdout.split() == ["True", "False", "False"]
