from tests.committed import own_county  # noqa: F401
