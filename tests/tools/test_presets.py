"""Presets for other people's servers, against what those servers really offered when they were started by them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands.preset_list import needs
from bot.errors import ConfigurationError
from bot.tools.allowed import names as exact
from bot.tools.preset import load, names
from bot.tools.servers import ServerSpec
from bot.tools.servers import load as load_servers

SAMPLES = Path(__file__).parents[1] / "samples" / "mcp-tools"
RECORDED_AS = {"github-remote": "github-mcp-server"}
"""The hosted server cannot be asked without an account; it is built from the same source."""
NEWER = {"github-remote", "github-mcp-server"}, {"pull_request_read", "actions_get", "actions_list"}
"""Read-only tools of newer versions than the one recorded."""
UNMARKED = {"cloudwatch-mcp-server"}
"""Servers that say of no tool whether it only reads."""
PRESETS = names()


def _recorded(name: str) -> dict[str, dict[str, Any]]:
    path = SAMPLES / f"{RECORDED_AS.get(name, name)}.json"
    return {tool["name"]: tool for tool in json.loads(path.read_text("utf-8"))}


def _spec(tmp_path: Path, entry: dict[str, Any], environ: dict[str, str]) -> ServerSpec:
    path = tmp_path / "servers.json"
    path.write_text(json.dumps({"mcpServers": {"x": entry}}), "utf-8")
    (spec,) = load_servers(path, environ)
    return spec


@pytest.mark.parametrize("name", PRESETS)
def test_every_tool_is_allowed_by_name_or_left_out_for_a_reason(name: str) -> None:
    """No pattern, no unknown tool, none that may change something."""
    preset, recorded = load(name), _recorded(name)
    allow = preset.server["allow"]
    left = [tool for each in preset.left_out for tool in each.tools]
    known = set(recorded) | (NEWER[1] if name in NEWER[0] else set())

    assert exact(allow) == set(allow)
    assert len(allow) == len(set(allow))
    assert set(allow) | set(left) == known
    assert not set(allow) & set(left)
    assert not preset.server.get("approve")
    for tool in set(allow) & set(recorded):
        marks = recorded[tool]["annotations"]
        assert marks.get("readOnlyHint", name in UNMARKED), tool
        assert not marks.get("destructiveHint"), tool


@pytest.mark.parametrize("name", PRESETS)
def test_fixed_arguments_are_arguments_of_allowed_tools(name: str) -> None:
    """A misspelt one would leave the choice to the model."""
    preset, recorded = load(name), _recorded(name)
    arguments = {
        argument
        for tool in preset.server["allow"]
        for argument in recorded.get(tool, {"arguments": ()})["arguments"]
    }

    assert set(preset.server.get("fixed", {})) <= arguments


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_needs_only_what_it_names(name: str, tmp_path: Path) -> None:
    """One line in servers.json; each missing variable is named with what it is."""
    required, _ = needs(load(name))
    environ = dict.fromkeys(required, "value")

    spec = _spec(tmp_path, {"preset": name}, environ)

    assert spec.allow
    assert spec.pin
    assert spec.install
    assert "${" not in spec.model_dump_json()
    for missing, what in required.items():
        with pytest.raises(ConfigurationError) as caught:
            _spec(tmp_path, {"preset": name}, {k: v for k, v in environ.items() if k != missing})
        assert missing in str(caught.value)
        assert what in str(caught.value)


def test_an_entry_overrides_its_preset(tmp_path: Path) -> None:
    """Single variables, the program with the preset's arguments kept, another address, the list of tools."""
    name = "kubernetes-mcp-server"
    env = _spec(tmp_path, {"preset": name, "env": {"HTTPS_PROXY": "p"}}, {"KUBECONFIG": "k"})
    command = _spec(tmp_path, {"preset": name, "command": "/opt/k", "allow": ["pods_get"]}, {})
    url = _spec(tmp_path, {"preset": name, "url": "http://10.0.0.7:8080/mcp"}, {})

    assert env.env == {"KUBECONFIG": "k", "HTTPS_PROXY": "p"}
    assert "--read-only" in command.args
    assert command.allow == ("pods_get",)
    assert (url.command, url.args, url.env) == ("", (), {})
    assert url.allow == env.allow


def test_an_unknown_preset_names_those_there_are(tmp_path: Path) -> None:
    """In one line, with the file and the server."""
    with pytest.raises(ConfigurationError, match=r"servers.json: server 'x': .*mcp-grafana"):
        _spec(tmp_path, {"preset": "grafana"}, {})
