"""`tocsin triage`: the rules on a terminal, over a live cluster or over recorded incidents."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fastmcp.exceptions import ToolError

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kubernetes.cluster import Cluster
from tocsin_mcp.kubernetes.triage.causes import CAUSES, listing
from tocsin_mcp.kubernetes.triage.engine import Triage, triage
from tocsin_mcp.kubernetes.triage.gather import gather
from tocsin_mcp.kubernetes.triage.recording import UnreadableRecording, read_recording
from tocsin_mcp.kubernetes.triage.snapshot import Snapshot
from tocsin_mcp.kubernetes.triage.tool import told

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Case:
    id: str
    service: str
    snapshot: Snapshot
    began: float


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything could be judged, whatever the verdict; 1 when a recording or the cluster could not be read.

    With `--json` a recording that could not be read has a line too: inconclusive, the reason among its notes.
    """
    options = _parser().parse_args(argv)
    if options.causes:
        _say("\n".join(_causes_as_json() if options.json else listing()))
        return 0
    if options.scenarios:
        return _many(options)
    try:
        case = _recorded(options.scenario, options) if options.scenario else _live(options)
    except (UnreadableRecording, ToolError) as error:
        return _complain(str(error))
    _report(case, options)
    return 0


def _causes_as_json() -> list[str]:
    return [json.dumps(asdict(each)) for each in CAUSES.values()]


def _many(options: argparse.Namespace) -> int:
    """Every folder gets its line: one that cannot be judged costs the others nothing, and the exit code says so."""
    folders = _folders(options.scenarios)
    if not folders:
        return _complain(
            f"there is no */cluster.json and no */scenario.yaml in {options.scenarios}"
        )
    failed = 0
    for folder in folders:
        try:
            _report(_recorded(folder, options), options)
        except UnreadableRecording as error:
            failed = _unjudged(folder, str(error), options)
        except Exception as error:  # a bug in one rule: the other recordings are still wanted
            log.exception("a rule failed")
            failed = _unjudged(folder, f"{folder}: {type(error).__name__}: {error}", options)
    return failed


def _folders(place: Path) -> list[Path]:
    """The recordings below a folder; the folder itself when it is one."""
    names = ("cluster.json", "scenario.yaml")
    found = {path.parent for name in names for path in place.glob(f"*/{name}")}
    if not found and any((place / name).is_file() for name in names):
        return [place]
    return sorted(found)


def _unjudged(folder: Path, problem: str, options: argparse.Namespace) -> int:
    if options.json:
        _say(_line(folder.name, Triage("inconclusive", (), (problem,)), 0.0))
    return _complain(problem)


def _recorded(folder: Path, options: argparse.Namespace) -> _Case:
    began = time.monotonic()
    recording = read_recording(folder, options.namespace)
    return _Case(recording.id, options.service or recording.service, recording.snapshot, began)


def _live(options: argparse.Namespace) -> _Case:
    began = time.monotonic()
    snapshot = asyncio.run(_gathered(options.namespace or None, options.service))
    return _Case(snapshot.namespace, options.service, snapshot, began)


async def _gathered(namespace: str | None, service: str) -> Snapshot:
    cluster = Cluster(Environment.of_process())
    try:
        return await gather(cluster, await cluster.namespace(namespace), service)
    finally:
        await cluster.close()


def _report(case: _Case, options: argparse.Namespace) -> None:
    found = triage(case.snapshot, case.service)
    seconds = time.monotonic() - case.began
    if options.json:
        _say(_line(case.id, found, seconds))
        return
    head = f"{case.id}: " if options.scenarios or options.scenario else ""
    text = told(found, case.snapshot.namespace, case.service, case.snapshot.now)
    _say(f"{head}{text}\n({seconds:.2f} s)" + ("\n" if options.scenarios else ""))


def _line(name: str, found: Triage, seconds: float) -> str:
    return json.dumps(
        {
            "id": name,
            "verdict": found.verdict,
            "candidates": [
                {
                    "object": each.object,
                    "cause": each.cause,
                    "confidence": each.confidence,
                    "evidence": list(each.evidence),
                    "why": each.why,
                    "related": list(each.related),
                    "victims": list(each.victims),
                    "changed": list(each.changed),
                }
                for each in found.candidates
            ],
            "notes": list(found.notes),
            "seconds": round(seconds, 3),
        }
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n".encode("utf-8", "replace").decode("utf-8"))
    sys.stdout.flush()


def _complain(text: str) -> int:
    sys.stderr.write(f"tocsin triage: {text}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tocsin triage",
        description="Say what is broken in a namespace and why, by rules: no model, no cost.",
        epilog="Without --scenario it reads the cluster of KUBECONFIG (TOCSIN_KUBE_CONTEXT, TOCSIN_NAMESPACE). "
        "Exit code: 0 when all could be judged, whatever the verdict; 1 when something could not be read; 2 for wrong arguments.",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--scenario", type=Path, metavar="DIR", help="a recorded incident")
    source.add_argument(
        "--scenarios", type=Path, metavar="DIR", help="a folder of recorded incidents"
    )
    source.add_argument("--causes", action="store_true", help="list all causes that it can name")
    parser.add_argument(
        "--namespace", default="", help="namespace (default: the configured or recorded one)"
    )
    parser.add_argument("--service", default="", help="the service that the alarm names")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


if __name__ == "__main__":
    sys.exit(main())
