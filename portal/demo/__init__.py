"""The demonstration: real project records moved to Hunan, cases in every state, and a clock that can be moved.

Everything enters through the doors a bureau would use: the spreadsheet import and the verbs.
"""
