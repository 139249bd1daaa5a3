"""Who asks for what: one module per kind of request, unaware of each other. They translate and hand over."""
