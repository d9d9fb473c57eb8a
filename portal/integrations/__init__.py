"""The outside world, one adapter a file. They know nothing about cases."""
