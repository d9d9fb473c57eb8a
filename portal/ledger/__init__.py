"""Proofs that hold without us: signed notes, and the receipts written in them (rules O4, T6). Knows nothing of the
rest, so that anybody can read it beside docs/receipt-format.md."""
