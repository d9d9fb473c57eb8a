"""The real parts the tests run on: databases, a browser, a web server, and a reader of every page."""
