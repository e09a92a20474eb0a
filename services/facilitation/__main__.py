"""`python -m services.facilitation` runs this service alone."""

from services.facilitation.app import SERVICE
from shared.http.server import serve

if __name__ == "__main__":
    serve(SERVICE)
