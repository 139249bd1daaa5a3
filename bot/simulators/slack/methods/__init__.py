"""The Web API, one module per family. Handlers only say what is special about a method; the order of the checks
that all methods share is in `bot.simulators.slack.api`."""
