"""VERBS: what may happen, who may do it, and the trail it leaves.

Modules form a line, not a web: a verb on one noun that needs another calls it downward.
"""
