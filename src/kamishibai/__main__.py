"""`python -m kamishibai`: the command line."""

from kamishibai.cli.app import main

if __name__ == "__main__":
    main()
