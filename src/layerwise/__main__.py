"""`python -m layerwise`, where the program `layerwise` is not on the path."""

from layerwise.cli.main import run

if __name__ == "__main__":
    run()
