"""`python -m kouprey` and the `kouprey` command start here."""


def main() -> None:
    """Run the command line; imports stay inside so that `--help` answers at once."""
    from kouprey.node.main import main as run

    run()


if __name__ == "__main__":
    main()
