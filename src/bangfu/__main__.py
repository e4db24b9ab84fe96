"""`python -m bangfu`: the console script where it is not on the path."""

from bangfu.web.command import main

if __name__ == "__main__":
    main()
