"""servers.json: the ecosystem's format, filled from the environment, with clear errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ConfigurationError
from bot.tools.servers import load


def _write(folder: Path, document: Any) -> Path:
    path = folder / "servers.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_variables_are_filled_and_unset_ones_left_out(tmp_path: Path) -> None:
    """`${NAME}`, a default, the interpreter; an env entry without value disappears."""
    entry = {
        "command": "${PYTHON}",
        "args": ["-m", "${MODULE:-thing}"],
        "env": {"TOKEN": "${TOKEN}", "OTHER": "${OTHER}"},
        "allow": ["get_*"],
    }

    (spec,) = load(_write(tmp_path, {"mcpServers": {"k8s": entry}}), {"TOKEN": "t"})

    assert spec.command == sys.executable
    assert spec.args == ("-m", "thing")
    assert spec.env == {"TOKEN": "t"}
    assert spec.tool_prefix == "k8s_"


def test_a_disabled_server_is_not_there(tmp_path: Path) -> None:
    """Its entry may even be incomplete."""
    assert (
        load(_write(tmp_path, {"mcpServers": {"x": {"disabled": True, "url": "${NO}"}}}), {}) == ()
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", 'needs an object "mcpServers"'),
        ({"mcpServers": {"a b": {"command": "x"}}}, "'a b' is not a server name"),
        ({"mcpServers": {"a": []}}, "must be an object"),
        ({"mcpServers": {"a": {}}}, "either `command` (stdio) or `url`"),
        ({"mcpServers": {"a": {"command": "x", "url": "http://y"}}}, "either `command`"),
        ({"mcpServers": {"a": {"url": "ftp://y"}}}, "must begin with http"),
        ({"mcpServers": {"a": {"url": "http://${HOST}/mcp"}}}, "HOST, which is not set"),
        ({"mcpServers": {"a": {"command": "x", "alow": []}}}, "alow"),
        ({"mcpServers": {"a": {"command": "x", "timeout": 0}}}, "timeout"),
    ],
)
def test_every_fault_is_one_clear_line(tmp_path: Path, document: Any, said: str) -> None:
    """The file, the server and what is wrong with it."""
    with pytest.raises(ConfigurationError) as caught:
        load(_write(tmp_path, document), {})

    assert said in str(caught.value)
    assert "servers.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_how_to_name_another(tmp_path: Path) -> None:
    """The setting is named."""
    with pytest.raises(ConfigurationError, match="TOCSIN_SERVERS"):
        load(tmp_path / "none.json", {})
