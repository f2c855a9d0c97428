"""The webhook's front door: check a body's signature, `split` it, store the items, `parse` them.

    items = split(body)      # {phone_number_id: [item, …]}; ValueError where it is no JSON
    events = parse(item)     # at least one; never raises

An item is plain JSON and its own `raw`: what is stored is what is parsed.
"""

from __future__ import annotations

from .batches import Item, split
from .items import parse

__all__ = ["Item", "parse", "split"]
