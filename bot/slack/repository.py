"""Where people browse the source: addresses built from validated parts."""

from __future__ import annotations

import re
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

SHA = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,120}")
_PATH = re.compile(r"[\w.@+-][\w.@+ -]*(?:/[\w.@+-][\w.@+ -]*)*")


class Repository(BaseModel):
    """`https://github.com/owner/name`; without a URL nothing is linked."""

    model_config = ConfigDict(frozen=True)

    url: str = ""

    def commit(self, sha: str) -> str:
        """URL of a commit; empty when it cannot be built."""
        return f"{self._base}/commit/{sha}" if self.url and SHA.fullmatch(sha) else ""

    def file(self, path: str, line: int, ref: str = "", commit: str = "") -> str:
        """URL of a line, at the version that was read, else at the suspect commit, else on the default branch; empty
        when it cannot be built."""
        if not self.url or not _PATH.fullmatch(path) or ".." in path.split("/"):
            return ""
        version = ref if _REF.fullmatch(ref) and ".." not in ref else ""
        version = version or (commit if SHA.fullmatch(commit) else "HEAD")
        return f"{self._base}/blob/{version}/{quote(path)}" + (f"#L{line}" if line > 0 else "")

    @property
    def _base(self) -> str:
        return self.url.rstrip("/").removesuffix(".git")
