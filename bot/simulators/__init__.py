"""THE WORLD OUTSIDE, on the wire: servers that answer as the real ones do. They import nothing of the bot."""
