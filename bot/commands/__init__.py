"""The smaller subcommands of `tocsin`, one module each; loaded by name from `bot.cli`."""
