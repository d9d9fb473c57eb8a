"""DOOR 3: the clock. Each job finds rows and calls one verb per row; APScheduler only says when."""
