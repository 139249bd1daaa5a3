"""Tocsin's own MCP servers: read-only eyes on Kubernetes, GitHub, Slack, Prometheus, CloudWatch and runbooks.

They are ordinary MCP servers, useful to any client. Nothing here imports the bot, and the bot imports nothing
from here: the protocol is the seam.
"""
