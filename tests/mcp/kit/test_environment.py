"""Configuration of the servers."""

from __future__ import annotations

import pytest
from fastmcp.exceptions import ToolError
from tocsin_mcp.kit.environment import Environment, MissingSetting


def test_blank_counts_as_absent() -> None:
    """A variable set to spaces is not set."""
    environment = Environment({"A": "  ", "B": " b "})
    assert environment.get("A", "default") == "default"
    assert environment.get("B") == "b"


def test_missing_setting_is_named_to_the_caller() -> None:
    """The error is one that a tool may show, and names variable and purpose."""
    with pytest.raises(MissingSetting, match="GITHUB_TOKEN is not set: it lets the server read"):
        Environment({}).require("GITHUB_TOKEN", "lets the server read the repository")
    assert issubclass(MissingSetting, ToolError)


def test_lists_keep_order_without_repetition() -> None:
    """Comma-separated names come in the order given, each once."""
    assert Environment({"R": "b/x, a/y,,b/x "}).names("R") == ("b/x", "a/y")
    assert Environment({}).names("R") == ()


def test_process_environment_is_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Later changes of the process do not reach a server that was built."""
    monkeypatch.setenv("TOCSIN_NAMESPACE", "before")
    environment = Environment.of_process()
    monkeypatch.setenv("TOCSIN_NAMESPACE", "after")
    assert environment.get("TOCSIN_NAMESPACE") == "before"


def test_values_do_not_show_in_a_representation() -> None:
    """A token does not reach a log through repr."""
    assert "letmein" not in repr(Environment({"GITHUB_TOKEN": "letmein"}))
