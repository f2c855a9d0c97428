"""The console's pages and fragments, one module per part of the screen."""
