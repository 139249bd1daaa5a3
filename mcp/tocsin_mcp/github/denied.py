"""Files that hold secrets by convention: they may be listed, never read, searched or shown in a diff."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tocsin_mcp.kit.errors import Unavailable

PATTERNS = (
    *(".env*", "*.pem", "*.key", "*credentials*", "*.tfstate", "*.tfstate.*"),
    *("id_rsa*", "id_ed25519*", "id_ecdsa*", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx"),
    *(".netrc", ".npmrc", ".pypirc", ".pgpass", ".htpasswd", "kubeconfig", ".dockercfg"),
    ".dockerconfigjson",
)
_LIKE = f"files like {', '.join(PATTERNS[:5])} or .npmrc may hold secrets"
WITHHELD = f"not shown: {_LIKE}"


def is_denied(path: str) -> bool:
    """Whether any segment of `path` is of a kind that may hold secrets."""
    return any(
        fnmatchcase(segment, pattern) for segment in path.lower().split("/") for pattern in PATTERNS
    )


def refuse(path: str) -> None:
    """Raises Unavailable for a denied path."""
    if is_denied(path):
        raise Unavailable(
            f"{path} is not readable: {_LIKE}. Look at the code that reads it instead."
        )
