"""A drawn chart as a file for a thread."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.charts.chart import Chart
from bot.slack.attachment import Attachment
from bot.slack.markdown import escaped, one_line


def picture_of(chart: Chart, drawn: bytes) -> Attachment:
    """A drawn chart for a thread: what it is above it, what it shows for who cannot see it."""
    onset = next((mark for mark in chart.marks if mark.kind == "onset"), None)
    said = f"📈 *{escaped(one_line(chart.title, 120))}*"
    if onset is not None:
        said += f" around its onset at {datetime.fromtimestamp(onset.at, UTC):%H:%M} UTC"
    return Attachment(
        name="chart.png",
        data=drawn,
        title=one_line(chart.measure, 200),
        alt_text=chart.words,
        comment=said,
    )
