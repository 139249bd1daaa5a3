"""HOW DEAR, HOW SLOW? Scripted investigations measured: dollars by design, and the bot's own time, CPU and memory."""
