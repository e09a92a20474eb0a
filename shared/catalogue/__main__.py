"""`python -m shared.catalogue` writes docs/events anew; it refuses when the contracts broke what was published."""

import sys

from shared.catalogue.files import refusals, write


def main() -> int:
    """0 when the files are up to date, 1 with the reasons when a schema may not follow its predecessor."""
    if refused := refusals():
        print("docs/events stays as it is. Give what changed a new version (…v2) beside the old one:", file=sys.stderr)
        print(*(f"  {reason}" for reason in refused), sep="\n", file=sys.stderr)
        return 1
    for name in write():
        print(f"docs/events/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
