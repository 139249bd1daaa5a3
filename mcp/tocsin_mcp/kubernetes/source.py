"""Which source revision a pod template says it runs: by the labels and annotations that builds and deployers set.

An image's tag names it more often; these say so where the tag does not (`:stable`, a digest).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_COMMIT = re.compile(
    r"(?:(?:git|vcs|source|image|build)[._-]?)*(?:commit|revision|sha|ref)(?:[._-]?(?:sha|id|hash))?"
)
_VERSION = re.compile(r"(?:(?:git|image|build|app|release)[._-]?)*version")
_VALUE = re.compile(r"[0-9A-Za-z][\w.+/-]{0,99}", re.ASCII)
_NOT_SOURCE = ("kubernetes.io/revision", "kubernetes.io/template-generation", "helm.sh/revision")


def source_revision(*kinds: Mapping[str, str] | None) -> str:
    """`org.opencontainers.image.revision=a65e656`: the first label or annotation that names a commit, else a version.

    Empty when none does. Revision numbers of Kubernetes and Helm are none.
    """
    known = {key: value for kind in kinds for key, value in sorted((kind or {}).items())}
    for wanted in (_COMMIT, _VERSION):
        for key, value in known.items():
            name = key.rpartition("/")[2].removeprefix("org.opencontainers.").lower()
            if wanted.fullmatch(name) and _names_source(key, value):
                return f"{key}={value}"
    return ""


def _names_source(key: str, value: str) -> bool:
    return not key.endswith(_NOT_SOURCE) and _VALUE.fullmatch(value) is not None
