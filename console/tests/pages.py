"""The console's pages without a screen: a browser that only asks."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from whaticket import tenancy

FRAGMENT = {"HTTP_X_CONSOLE": "1"}


class Browser(Client):
    """A browser that leaves the test's thread in the company where it was."""

    def request(self, **kwargs):
        schema = tenancy.current_schema()
        try:
            return super().request(**kwargs)
        finally:
            tenancy.enter_schema(schema)

    def cost(self, path):
        """Tell how many statements a part of a page takes."""
        with CaptureQueriesContext(connection) as spent:
            assert self.get(path, **FRAGMENT).status_code == 200
        return len(spent)
