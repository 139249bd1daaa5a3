"""Where a person looks evidence up: addresses on the Git host, built by code from calls that succeeded. Pure.

Nothing of an address is taken from the words of a model: the parts are the arguments of a call that the server has
answered, and each is checked for its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from bot.conversations.conversation import StoredResult
from bot.investigation.diagnosis import Culprit, Diagnosis, Evidence, Outcome

_PREFIX = "github_"
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,120}")
_PATH = re.compile(r"[\w.@+-][\w.@+ -]*(?:/[\w.@+-][\w.@+ -]*)*")
_NUMBERED = re.compile(r"^\s*(\d+) \| (.*)$")
_RESOLVED = re.compile(r" at (?P<sha>[0-9a-f]{12}) \(")
"""How our tools say which commit an image or a version named, in the first line of a result."""
_VIEWS = {"read_file": "blob", "blame": "blame"}
_PULL = re.compile(r"^#(?P<number>\d{1,9})  ")


class GitHost(NamedTuple):
    """The Git host's own address, and the repositories (`owner/name`) that calls may name, the default one first."""

    url: str = ""
    repositories: tuple[str, ...] = ()


def linked(diagnosis: Diagnosis, results: Mapping[str, StoredResult], host: GitHost) -> Diagnosis:
    """The diagnosis with the address of each piece of evidence that has one, and the version of the blamed file that
    was read. `results` are by the short call id."""
    findings = tuple(
        finding.model_copy(
            update={"evidence": tuple(_located(item, results, host) for item in finding.evidence)}
        )
        for finding in diagnosis.findings
    )
    culprit = diagnosis.culprit.model_copy(update={"ref": _version(diagnosis.culprit, results)})
    return diagnosis.model_copy(update={"findings": findings, "culprit": culprit})


def with_links(
    ending: tuple[Outcome, Diagnosis | None, str],
    results: Mapping[str, StoredResult],
    host: GitHost,
) -> tuple[Outcome, Diagnosis | None, str]:
    """How a run ended, its diagnosis `linked`."""
    outcome, diagnosis, note = ending
    return outcome, linked(diagnosis, results, host) if diagnosis else None, note


def _located(item: Evidence, results: Mapping[str, StoredResult], host: GitHost) -> Evidence:
    result = results.get(item.tool_call_id)
    found = _address(result, item.quote, host) if result and not result.is_error else ""
    return item.model_copy(update={"link": found})


def _address(result: StoredResult, said: str, host: GitHost) -> str:
    base = _base(result.arguments, host)
    if not base or not result.tool.startswith(_PREFIX):
        return ""
    arguments = result.arguments
    match result.tool.removeprefix(_PREFIX):
        case "read_file" | "blame" as tool:
            return _file(f"{base}/{_VIEWS[tool]}", result, line_of(said, result.text))
        case "show_commit":
            sha = _ref(arguments.get("sha"))
            return f"{base}/commit/{sha}" if sha else ""
        case "compare":
            one, other = _ref(arguments.get("base")), _ref(arguments.get("head"))
            return f"{base}/compare/{one}...{other}" if one and other else ""
        case "list_commits":
            return f"{base}/commits/{_read_at(result) or 'HEAD'}/{_path(arguments)}"
        case "list_pull_requests":
            number = _pull(said, result.text)
            return f"{base}/pull/{number}" if number else ""
        case "search_code":
            return f"{base}/search?{urlencode({'type': 'code', 'q': str(arguments.get('query', ''))[:200]})}"
        case _:
            return ""


def _file(base: str, result: StoredResult, line: int) -> str:
    path, ref = _path(result.arguments), _read_at(result)
    if not path or (result.arguments.get("ref") and not ref):
        return ""
    return f"{base}/{ref or 'HEAD'}/{path}" + (f"#L{line}" if line else "")


def _read_at(result: StoredResult) -> str:
    """The version that was read: the commit that the result names, else the one that was asked for; empty for the default."""
    given = result.arguments.get("ref")
    named = _RESOLVED.search(result.text.partition("\n")[0]) if given else None
    return named["sha"] if named else _ref(given)


def _pull(said: str, listing: str) -> str:
    """The pull request below whose line the quote is found."""
    wanted, number = _flat(next(iter(said.strip().splitlines()), "")), ""
    for line in listing.splitlines():
        heading = _PULL.match(line)
        number = heading["number"] if heading else number
        if wanted and wanted in _flat(line):
            return number
    return ""


def _base(arguments: Mapping[str, Any], host: GitHost) -> str:
    name = str(arguments.get("repository") or next(iter(host.repositories), ""))
    return f"{host.url.rstrip('/')}/{name}" if host.url and name in host.repositories else ""


def line_of(said: str, listing: str) -> int:
    """The number of the line in a numbered listing that a quote begins with; 0 when there is none."""
    first = next((line for line in said.splitlines() if line.strip()), "")
    own = _NUMBERED.match(first)
    wanted = _flat(own[2] if own else first)
    for line in listing.splitlines():
        numbered = _NUMBERED.match(line)
        if numbered and wanted and wanted in _flat(numbered[2]):
            return int(numbered[1])
    return 0


def _version(culprit: Culprit, results: Mapping[str, StoredResult]) -> str:
    """The ref at which the blamed file was read last; empty when that was the default branch, or never."""
    for result in reversed(list(results.values())):
        read = result.tool == f"{_PREFIX}read_file" and not result.is_error
        if read and culprit.file and result.arguments.get("path") == culprit.file:
            return _read_at(result)
    return ""


def _ref(value: object) -> str:
    ref = str(value or "")
    return ref if _REF.fullmatch(ref) and ".." not in ref else ""


def _path(arguments: Mapping[str, Any]) -> str:
    path = str(arguments.get("path") or "")
    return quote(path) if _PATH.fullmatch(path) and ".." not in path.split("/") else ""


def _flat(text: str) -> str:
    return " ".join(text.split())
