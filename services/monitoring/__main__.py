"""`python -m services.monitoring` runs this service alone."""

from services.monitoring.app import SERVICE
from shared.http.server import serve

if __name__ == "__main__":
    serve(SERVICE)
