"""Which file of the repository a path inside a container is: by its longest tail, the service's own folder first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"[^a-z0-9]+")
_VERSION = re.compile(r"-v\d+$")
_TESTS = re.compile(r"(?:^|/)(?:tests?|spec|__tests__|testdata|fixtures)/")
_KIND = re.compile(r"(?:service|svc|server|deployment)$")


def matching_paths(path: str, tree: Iterable[str], service: str = "") -> list[str]:
    """The repository files whose path ends like `path`, by the longest tail that any of them shares.

    With `service` (a workload's name) files in that service's folder win over others, however long their tail; tests win
    over nothing, since they do not run in production. Several files are returned when nothing tells them apart; none when
    not even the file's name occurs.
    """
    wanted = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not wanted:
        return []
    named = [each for each in tree if each.rpartition("/")[2] == wanted[-1]]
    return _longest([each for each in named if in_folder_of(service, each)], wanted) or _longest(
        named, wanted
    )


def in_folder_of(service: str, path: str) -> bool:
    """Whether a folder of the path is named after the service: `src/cart-service/main.go` for `cartservice` or `cart-v2`."""
    name = _plain(service)
    return bool(name) and any(_plain(part) == name for part in path.split("/")[:-1])


def _longest(candidates: Sequence[str], wanted: Sequence[str]) -> list[str]:
    shared = {each: _tail(each.split("/"), wanted) for each in candidates}
    most = max(shared.values(), default=0)
    found = sorted(each for each, length in shared.items() if length == most and length)
    return [each for each in found if not _TESTS.search(each)] or found


def _tail(parts: Sequence[str], wanted: Sequence[str]) -> int:
    length = 0
    for one, other in zip(reversed(parts), reversed(wanted), strict=False):
        if one != other:
            break
        length += 1
    return length


def _plain(name: str) -> str:
    """Without punctuation, a version, and the words that say only that it is a service."""
    bare = _WORDS.sub("", _VERSION.sub("", name.lower()))
    return _KIND.sub("", bare) or bare
