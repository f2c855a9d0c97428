"""The clients of accounts' tests serve here too."""

from accounts.tests.conftest import facts, plan, platform, root, signed_in, web

__all__ = ["facts", "plan", "platform", "root", "signed_in", "web"]
