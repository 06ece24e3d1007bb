"""`python -m ninefifteen` is the `ninefifteen` command."""

from ninefifteen.cli import main

if __name__ == "__main__":
    main()
