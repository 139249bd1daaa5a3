"""`tocsin tools --presets`: the presets for other people's servers, with what each needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from bot.tools.preset import Preset, load_all
from bot.tools.servers import VARIABLE

_BUILT_IN = {"PYTHON", "PRESETS"}


def show(console: Console, *, as_json: bool) -> None:
    """Print them all."""
    for preset in load_all():
        required, optional = needs(preset)
        if as_json:
            said = {**preset.model_dump(), "required": required, "optional": optional}
            console.out(json.dumps(said), highlight=False)
            continue
        lines = [
            preset.name,
            f"  {preset.about}; looked at: {preset.checked}",
            f"  install   {preset.install}",
            *(f"  needs     {name}: {what}" for name, what in required.items()),
            *([f"  passes on {', '.join(optional)}"] if optional else []),
            f"  allows    {', '.join(preset.server['allow'])}",
            *(f"  not       {', '.join(left.tools)}: {left.why}" for left in preset.left_out),
            *([f"  advice    {preset.advice}"] if preset.advice else []),
            f'  use       "{preset.name}": {{"preset": "{preset.name}"}} in servers.json',
            "",
        ]
        console.print("\n".join(lines), markup=False)


def needs(preset: Preset) -> tuple[dict[str, str], list[str]]:
    """Variables that have to be set, with what they are, and those that are passed on when they are set."""
    required: dict[str, str] = {}
    optional: list[str] = []
    for text in _texts(preset.server):
        for match in VARIABLE.finditer(text):
            if match["what"]:
                required[match["name"]] = match["what"]
            elif match["name"] not in _BUILT_IN:
                optional.append(match["name"])
    return required, list(dict.fromkeys(optional))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
