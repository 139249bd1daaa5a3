"""Every answer agrees with the real Prometheus over the same samples."""

from __future__ import annotations

import json
import math
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulators.prometheus import PrometheusSimulator
from tests.prometheus_program import binary
from tests.simulators.prometheus.conftest import NOW, Asking

QUERIES = r"""
http_requests_total
http_requests_total{code="500"}
http_requests_total{code!~"2..|3..",service="cart"}
{__name__=~"http.*",code!="200"}
memory_bytes offset 20m
http_requests_total{code="500"} @ 1795011500
rate(http_requests_total{code="500"}[5m])
rate(http_requests_total[5m] offset 10m)
irate(http_requests_total[5m])
increase(http_requests_total[20m])
sum by (code) (rate(http_requests_total[5m]))
sum(http_requests_total) by (code)
sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))
rate(http_requests_total{service="cart"}[5m]) / ignoring(code) group_left sum without (code) (rate(http_requests_total{service="cart"}[5m]))
topk(1, memory_bytes)
bottomk by (service) (1, http_requests_total)
min_over_time(memory_bytes[30m]) > 2.6e7
avg_over_time(memory_bytes[30m]) / 1024 / 1024
max_over_time(memory_bytes[30m]) < bool 3e7
sum_over_time(memory_bytes[10m])
count_over_time(http_requests_total[10m])
last_over_time(http_requests_total[10m])
present_over_time(http_requests_total[10m])
stddev_over_time(memory_bytes[10m])
quantile_over_time(0.9, memory_bytes[10m])
delta(memory_bytes[15m])
idelta(memory_bytes[15m])
deriv(memory_bytes[15m])
predict_linear(memory_bytes[15m], 3600)
changes(memory_bytes[15m])
resets(http_requests_total[30m])
histogram_quantile(0.7, rate(seconds_bucket[10m]))
histogram_quantile(0.99, sum by (le) (rate(seconds_bucket[10m])))
count by (__name__) ({__name__=~".+"})
absent(nothing{job="x"})
absent(http_requests_total)
absent_over_time(nothing{job="x"}[5m])
http_requests_total - http_requests_total offset 10m
http_requests_total and http_requests_total{code="500"}
http_requests_total unless http_requests_total{code="500"}
http_requests_total{code="500"} or memory_bytes{service="cart"}
max_over_time(rate(http_requests_total{code="500"}[5m] offset 7s)[30m:1m])
max_over_time(sum(rate(http_requests_total[5m] offset 7s))[20m:])
avg(memory_bytes) + stddev(memory_bytes) + stdvar(memory_bytes) + quantile(0.3, memory_bytes)
group by (code) (http_requests_total)
http_requests_total * on (service) group_left () memory_bytes
-2 ^ 2 ^ 0.5 + 7 % 4 - 1 / 0
-http_requests_total
time() - 0x10
vector(3) == 3
scalar(sum(http_requests_total)) > bool 3
scalar(http_requests_total)
round(memory_bytes / 1e6, 0.5)
clamp(memory_bytes, 2.6e7, 4e7) - clamp_min(memory_bytes, 3e7) + clamp_max(memory_bytes, 3e7)
sort_desc(http_requests_total)
sgn(abs(ceil(floor(ln(log2(log10(sqrt(exp(http_requests_total{code="500"} / 100)))))))))
label_replace(http_requests_total, "kind", "$1xx", "code", "(.).*")
timestamp(http_requests_total)
http_requests_total[5m]
"text"
http_requests_total / on (service) memory_bytes
http_requests_total * on (code) http_requests_total
http_requests_total / memory_bytes
rate(http_requests_total)
sum(http_requests_total[5m])
http_requests_total{
foo(bar)
{}
{code=~".*"}
1 > 2
up and 1
sum by code (http_requests_total)
rate(http_requests_total[0s])
http_requests_total{code=~"("}
rate(http_requests_total[5m])[5m]
topk(memory_bytes, 3)
1 +
"""


@pytest.fixture
def address(scenario: Path, tmp_path: Path) -> Iterator[str]:
    """Where a real Prometheus holds the same samples."""
    program = binary()
    series = PrometheusSimulator(scenario).recording.series
    lines = []
    for name in sorted({each.name for each in series}):
        lines.append(f"# TYPE {name} unknown")
        for each in (one for one in series if one.name == name):
            labels = ",".join(
                f"{label}={json.dumps(value)}"
                for label, value in each.labels.items()
                if label != "__name__"
            )
            samples = zip(each.times, each.values, strict=True)
            lines += [f"{name}{{{labels}}} {value} {at}" for at, value in samples]
    (tmp_path / "samples").write_text("\n".join([*lines, "# EOF\n"]))
    (tmp_path / "prometheus.yml").write_text("")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "samples", "data"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=60,
    )
    command = [program, f"--config.file={tmp_path}/prometheus.yml"]
    command += [f"--storage.tsdb.path={tmp_path}/data", "--storage.tsdb.retention.time=30y"]
    command += ["--web.listen-address=127.0.0.1:0"]
    with (tmp_path / "log").open("wb") as out, subprocess.Popen(command, stderr=out) as server:
        try:
            yield _listening(tmp_path / "log")
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture
async def real(address: str) -> AsyncIterator[Asking]:
    """`await real("query", query=…)` asks that Prometheus."""
    async with aiohttp.ClientSession() as http:
        yield Asking(http, address)


def _listening(log: Path) -> str:
    """The address, once requests are taken there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        text = log.read_text("utf-8", "replace")
        found = re.findall(r"address=(127\.0\.0\.1:[1-9]\d*)", text)
        if found and "ready to receive web requests" in text:
            return f"http://{found[-1]}"
    pytest.fail(f"Prometheus did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")


async def test_answers_agree_with_the_real_server(real: Asking, ask: Asking) -> None:
    different = []
    for query in QUERIES.strip().splitlines():
        instant = {"query": query, "time": NOW}
        over = {"query": query, "start": NOW - 1900, "end": NOW, "step": "47s"}
        for path, given in (("query", instant), ("query_range", over)):
            (status, theirs), (ours_status, ours) = (
                await real(path, **given),
                await ask(path, **given),
            )
            if status != ours_status or not _same(theirs, ours):
                different.append(f"{path} {query}\n  real {theirs}\n  ours {ours}")
    assert not different, "\n".join(different)


def _same(theirs: Any, ours: Any) -> bool:
    if theirs["status"] == "error":
        return bool(theirs["errorType"] == ours["errorType"])
    return _close(_ordered(theirs["data"]), _ordered(ours["data"]))


def _ordered(data: Any) -> Any:
    result = data["result"]
    if data["resultType"] in ("vector", "matrix"):
        result = sorted(
            (
                (sorted(each["metric"].items()), each.get("value") or each["values"])
                for each in result
            ),
            key=str,
        )
    return data["resultType"], result


def _close(theirs: Any, ours: Any) -> bool:
    if isinstance(theirs, (list, tuple)):
        return len(theirs) == len(ours) and all(map(_close, theirs, ours))
    if theirs == ours:
        return True
    try:
        a, b = float(theirs), float(ours)
    except ValueError:
        return False
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-3) or (math.isnan(a) and math.isnan(b))
