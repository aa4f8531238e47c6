"""`python -m cloudbooks` is the same program as `cloudbooks`."""

from cloudbooks.cli.door import main

if __name__ == "__main__":
    main()
