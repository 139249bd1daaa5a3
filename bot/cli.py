"""The command line. Commands are loaded by name, so that `tocsin --help` imports none of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from bot import __version__
from bot.commands.simulate_arguments import simulators
from bot.errors import TocsinError

Arguments = Callable[[argparse.ArgumentParser], None]


class Command(NamedTuple):
    """One subcommand: `handler` is `module:function`, called with the parsed arguments, returning the exit code.

    `check`, another one, is called first where the handler's module costs seconds to import: a wrong configuration is
    told at once.
    """

    name: str
    handler: str
    help: str
    arguments: Arguments
    check: str = ""
    passes_on: bool = False
    """Whether another program reads the arguments, `--help` included; they are `arguments.rest` then."""


def _none(parser: argparse.ArgumentParser) -> None:
    pass


def _worker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--owned",
        action="store_true",
        help="stop when standard input ends, which tells that the program that started it is gone",
    )


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        default="cartservice-guard",
        metavar="NAME",
        help="which incident to play (default: %(default)s)",
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="play it unattended and exit 0 only if a diagnosis was posted",
    )
    parser.add_argument("--json", action="store_true", help="with --once: print the result as JSON")
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        metavar="PORT",
        help="port of the page (default: any free one)",
    )


def _diagnose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", help="service to look at, or a question in quotes")
    parser.add_argument(
        "--namespace", default="", help="Kubernetes namespace (default: the configured one)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _eval(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenarios",
        type=Path,
        metavar="DIR",
        help="folder of scenario folders (default: those shipped)",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="ID",
        help="only this scenario; may be repeated",
    )
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="runs per scenario (default: 1)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line per run")
    parser.add_argument(
        "--threshold",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="exit 0 only if this share passes (default: %(default)s)",
    )


def _tools(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    only = parser.add_mutually_exclusive_group()
    only.add_argument(
        "--check",
        dest="connect",
        action="store_true",
        help="connect to every server, also to those known already",
    )
    only.add_argument(
        "--accept",
        nargs="*",
        metavar="SERVER",
        help="show what changed and accept it, of all servers or of those named; changed tools are not used before",
    )
    only.add_argument(
        "--presets", action="store_true", help="list the presets for other people's servers"
    )


def _bench(parser: argparse.ArgumentParser) -> None:
    measures = parser.add_subparsers(dest="measure", required=True, metavar="MEASURE")
    helps = {
        "cost": "dollars and tokens of scripted incidents, by caching design",
        "overhead": "time, CPU and memory of an investigation that are neither model nor tool",
        "triage": "seconds of the triage rules on a live namespace, by its number of pods",
    }
    for name, words in helps.items():
        measure = measures.add_parser(name, help=words, description=f"{words.capitalize()}.")
        measure.add_argument("--json", action="store_true", help="print the result as JSON")


def _feedback(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    words = "write each judged diagnosis as the draft of an evaluation scenario"
    export = actions.add_parser("export", help=words, description=f"{words.capitalize()}.")
    export.add_argument(
        "folder", type=Path, metavar="DIR", help="where the folders go; what is there stays"
    )


def _alarms(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    explain = actions.add_parser(
        "explain", help="show how a Slack message is read as an alarm, and why"
    )
    explain.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a Slack message event as JSON; - reads standard input",
    )


COMMANDS = (
    Command("run", "bot.front:run", "start the bot: Slack in, diagnosis out", _none),
    Command(
        "worker",
        "bot.worker:run",
        "add a worker on this machine",
        _worker,
        "bot.commands.checks:check_worker",
    ),
    Command(
        "demo",
        "bot.demo.command:run",
        "play a recorded incident on this machine: no Slack, cluster or key needed",
        _demo,
    ),
    Command(
        "diagnose",
        "bot.commands.diagnose:run",
        "investigate a service from the terminal, without Slack",
        _diagnose,
        "bot.commands.checks:check_model",
    ),
    Command("eval", "bot.evals.command:run", "score the bot on recorded incidents", _eval),
    Command(
        "feedback",
        "bot.evals.feedback:run",
        "make evaluation scenarios of what people judged",
        _feedback,
    ),
    Command(
        "triage",
        "bot.commands.triage:run",
        "say what is broken by rules alone, on a cluster or a recording",
        _none,
        passes_on=True,
    ),
    Command(
        "tools", "bot.commands.tools:run", "list MCP servers and tools: allowed or why not", _tools
    ),
    Command("alarms", "bot.commands.alarms:run", "work with alarm formats", _alarms),
    Command(
        "doctor",
        "bot.commands.doctor:run",
        "check the configuration: tokens, Redis, servers, model",
        _none,
    ),
    Command("simulate", "bot.commands.simulate:run", "run one of the simulators alone", simulators),
    Command("bench", "bot.bench.command:run", "measure cost, overhead and speed", _bench),
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="tocsin",
        description="Hears an alarm, finds the cause, and says so in the alarm's own Slack thread.",
        epilog="Settings come from the environment, .env and tocsin.toml; see README.md.",
    )
    root.add_argument("--version", action="version", version=f"tocsin {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.help,
            description=f"{command.help.capitalize()}.",
            add_help=not command.passes_on,
        )
        command.arguments(sub)
        sub.set_defaults(handler=command.handler, check=command.check, passes_on=command.passes_on)
    return root


def _load(name: str) -> Callable[[argparse.Namespace], int]:
    module, _, function = name.partition(":")
    loaded: Callable[[argparse.Namespace], int] = getattr(import_module(module), function)
    return loaded


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Expected errors are one line on standard error and exit code 2."""
    arguments, rest = parser().parse_known_args(argv)
    if rest and not arguments.passes_on:
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        if arguments.check:
            _load(arguments.check)(arguments)
        return _load(arguments.handler)(arguments)
    except TocsinError as error:
        print(f"tocsin: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141


if __name__ == "__main__":
    raise SystemExit(main())
