"""Has charts drawn, one at a time, in a process that ends with the picture."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.charts.chart import Chart
from bot.charts.drawing import MISSING

SECONDS = 30.0
"""A picture takes about two; the first one of an installation, when matplotlib lists its fonts, longer."""
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "SYSTEMROOT", "TMPDIR")
_log = logging.getLogger(__name__)


class Artist:
    """One per worker. `cache` is a folder for matplotlib's list of fonts; `environ` is where its process runs."""

    def __init__(self, environ: Mapping[str, str], cache: Path) -> None:
        passed = {name: environ[name] for name in _PASSED_ON if name in environ}
        self._environment = {**passed, "MPLCONFIGDIR": str(cache.absolute()), "MPLBACKEND": "Agg"}
        self._turn = asyncio.Lock()
        self._able = True

    async def png(self, chart: Chart) -> bytes | None:
        """The picture; None when none can be drawn here, which the log says."""
        async with self._turn:
            return await self._drawn(chart) if self._able else None

    async def _drawn(self, chart: Chart) -> bytes | None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.charts.drawing",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        try:
            async with asyncio.timeout(SECONDS):
                picture, said = await process.communicate(chart.model_dump_json().encode())
        except TimeoutError:
            _log.warning("no chart: it was not drawn within %.0f s", SECONDS)
            return None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == MISSING:
            self._able = False
            _log.info("no charts: matplotlib is not installed (pip install 'tocsin[plots]')")
        elif process.returncode:
            last = said.decode(errors="replace").strip().splitlines()[-1:]
            _log.warning("no chart: drawing it failed: %s", "".join(last)[:300])
        return picture if process.returncode == 0 and picture else None
