"""`python -m services.coordination` runs this service alone."""

from services.coordination.app import SERVICE
from shared.http.server import serve

if __name__ == "__main__":
    serve(SERVICE)
