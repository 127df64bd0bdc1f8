"""What a user is told beside the output. Imports nothing heavy, as it must work before anything else does."""

import sys


def complain(text: str) -> None:
    """One line to the user that is not part of the output."""
    print(f"layerwise: {text}", file=sys.stderr)
