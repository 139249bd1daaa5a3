"""WHAT MAY IT TOUCH? The tools behind MCP servers, and the wrappers that bound them."""
