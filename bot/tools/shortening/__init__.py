"""The short forms of results, one module per kind of text. All pure; `bot.tools.compressed` uses them."""
