"""THE EDGE: the only code that knows Slack. It translates, posts once, and renders; it decides nothing.

`outbox`, `thread`, `blocks`, `card` and what they use are light enough for a worker; `app`, `inbox` and the listeners
belong to the front and are the only modules that import slack-bolt.
"""
