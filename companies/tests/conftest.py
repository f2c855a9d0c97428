"""The clients of accounts' tests serve here too."""

from accounts.tests.conftest import facts, owner, plan, platform, root, signed_in, web

__all__ = ["facts", "owner", "plan", "platform", "root", "signed_in", "web"]
