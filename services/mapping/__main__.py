"""`python -m services.mapping` runs this service alone."""

from services.mapping.app import SERVICE
from shared.http.server import serve

if __name__ == "__main__":
    serve(SERVICE)
