"""`python -m bot` is `tocsin`: children are started this way, whatever the PATH says."""

from bot.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
