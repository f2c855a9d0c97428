"""Fixtures for every test; servers come from the plugin named in pytest.ini."""

pytest_plugins = ["whaticket.testing.fixtures"]


def pytest_collection_modifyitems(items):
    """Begin with the real processes: they wait more than they work, and end last otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("system") is None)
