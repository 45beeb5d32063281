"""`python -m bot`: the same program as `rekey`."""

from bot.cli import main

if __name__ == "__main__":
    main()
