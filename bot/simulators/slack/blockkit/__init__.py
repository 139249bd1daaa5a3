"""Block Kit as Slack's servers check it: shapes, limits, what may stand where."""
