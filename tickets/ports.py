"""What tickets asks of apps above it."""

from whaticket.ports import Port

# Raises the contract's refusal where the company has no such list of files; one that is there stays
# until the transaction ends, which this needs.
require_file_list: Port[[int], None] = Port("does a list of files exist")
