"""Fixtures for every test; servers come from the plugin named in pytest.ini."""

pytest_plugins = ["whaticket.testing.fixtures"]
