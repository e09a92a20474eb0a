"""`python -m services` runs all four services in one process, as `entaskan run` does."""

from services.cli import app

if __name__ == "__main__":
    app(["run"])
