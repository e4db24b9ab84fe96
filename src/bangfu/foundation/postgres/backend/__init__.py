"""Django's PostgreSQL backend over the data folder's own server."""
