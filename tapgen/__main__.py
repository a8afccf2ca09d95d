"""`python -m tapgen`."""

from tapgen.cli.main import main

if __name__ == "__main__":
    main()
