"""Which commit is meant: a ref as git has it, or what runs, named by its image, the image's tag or a version label.

Builds name the commit in an image's tag in a few usual ways: the sha itself (`a65e656`), the sha among other words
(`main-a65e656-20261118`, `v1.4.2-12-ga65e656` as `git describe` prints it), or a version that is a tag of the
repository with or without its `v`, in a repository of many services often after the service's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin_mcp.kit.errors import NotFound

from .repository import Repository

_REF = re.compile(r"[A-Za-z0-9][\w./+@-]{0,199}", re.ASCII)
_IMAGE = re.compile(
    r"(?P<name>[\w.-]+(?::\d{1,5}(?=/))?(?:/[\w.-]+)*):(?P<tag>\w[\w.-]{0,127})(?:@[\w+:.-]{1,140})?",
    re.ASCII,
)
_DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{32,128}")
_SHA = re.compile(r"[0-9a-f]{4,40}")
_SHA_WITHIN = re.compile(r"(?<![0-9a-z])g?(?P<sha>[0-9a-f]{7,40})(?![0-9a-z])")
_MOST_TRIED = 8
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Revision:
    """A ref that the repository knows (None: the default branch), and how it is shown."""

    ref: str | None
    shown: str


def clean_revision(text: str) -> str:
    """A branch, tag, sha or image reference; like git, without empty segments or such that begin with a dot.

    Raises ValueError.
    """
    given = text.strip()
    name, _, digest = given.rpartition("@")
    if _DIGEST.fullmatch(digest) and ":" not in name.rpartition("/")[2]:
        raise ValueError(
            "a digest names no commit: pass the image's tag, a version or a commit sha"
        )
    if ":" in given:
        if len(given) > _LONGEST or not _IMAGE.fullmatch(given):
            raise ValueError("must be a branch, a tag, a commit sha, or an image with its tag")
        return given
    hidden = any(not part or part.startswith(".") for part in given.split("/"))
    if not _REF.fullmatch(given) or ".." in given or hidden:
        raise ValueError("must be a branch, a tag or a commit sha (at least 4 digits), or an image")
    return given


def candidates(given: str) -> list[str]:
    """The refs that a checked revision may mean, the likeliest first."""
    image = _IMAGE.fullmatch(given) if ":" in given else None
    tag = image["tag"] if image else given
    if _SHA.fullmatch(tag):
        return [tag]
    within = [found["sha"] for found in _SHA_WITHIN.finditer(tag)]
    versions = [tag]
    if tag[0].isdigit():
        versions.append(f"v{tag}")
    elif tag[0] == "v" and tag[1:2].isdigit():
        versions.append(tag[1:])
    service = image["name"].rpartition("/")[2] if image else ""
    named = [f"{service}{sign}{each}" for each in versions for sign in "-/@"] if service else []
    # A run of digits alone is more likely a date or the number of a build than a sha.
    shas = sorted(within, key=str.isdigit)
    return list(dict.fromkeys([tag, *shas, *versions, *named]))[:_MOST_TRIED]


async def revision(repository: Repository, given: str) -> Revision:
    """What a caller's `ref` means here ("": the default branch). What can only be one ref is not asked about.

    Raises NotFound when none of the refs that it may mean is there.
    """
    if not given:
        return Revision(None, "the default branch")
    tried = candidates(given)
    if tried == [given]:
        return Revision(given, given)
    for ref in tried:
        sha = await repository.resolve(ref)
        if sha:
            return Revision(sha, f"{sha[:12]} ({given})")
    raise NotFound(
        f"No commit of {repository.name} is named by {given}; tried as {', '.join(tried)}. "
        "list_deployments tells which commit went out, list_commits which there are."
    )
