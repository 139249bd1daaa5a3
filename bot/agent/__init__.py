"""THE LOOP. Model and toolset take turns until something ends the run; knows no Slack, no Redis, no MCP."""
