"""How alarms came to their state: what changed, and what was done about it."""

from __future__ import annotations

import json
from datetime import datetime

from tocsin_mcp.kit.output import clip, counted, listed, plain
from tocsin_mcp.kit.times import parse_range

from .alarms import PAGE, TYPES, when
from .client import Aws, Json

_LONGEST_LINE = 400


async def alarm_history(
    aws: Aws, name: str | None, window: tuple[str | None, str | None], limit: int
) -> str:
    """Changes of state and configuration and actions taken, newest first."""
    start, end = parse_range(*window, aws.now())
    items: list[Json] = []
    token: str | None = None
    while len(items) < limit:
        answer = await aws.call(
            "DescribeAlarmHistory",
            AlarmName=name,
            AlarmTypes=TYPES,
            StartDate=start,
            EndDate=end,
            MaxRecords=min(PAGE, limit - len(items)),
            ScanBy="TimestampDescending",
            NextToken=token,
        )
        items += answer.get("AlarmHistoryItems", [])
        token = answer.get("NextToken")
        if not token:
            break
    if not items:
        return "No history in this range. CloudWatch keeps 30 days; widen `since`, or check the name with list_alarms."
    lines = [f"{counted(len(items), 'change')}, newest first"]
    lines += [_history_line(item, aws.now()) for item in items]
    if token:
        lines.append("There are older ones: raise `limit` or set `until`.")
    return listed(lines, narrow="use `name`, `since` or a smaller `limit`")


def _history_line(item: Json, now: datetime) -> str:
    line = f"{when(item.get('Timestamp'), now)}  {item.get('AlarmName', '?')}: {item.get('HistorySummary', '')}"
    was = _former(item) if item.get("HistoryItemType") == "ConfigurationUpdate" else ""
    return clip(plain(line + was), _LONGEST_LINE)


def _former(item: Json) -> str:
    try:
        data = json.loads(item.get("HistoryData") or "{}")
    except ValueError:
        return ""
    fields = data.get("originalUpdatedFields") if isinstance(data, dict) else None
    return f" (before: {json.dumps(fields)})" if fields else ""
