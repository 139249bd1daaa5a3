"""One module per sender, unaware of each other: `read(notification)` gives an alarm, or None when it is not theirs."""
