"""Load data at size, drive it through the real verbs, print how fast it went."""
