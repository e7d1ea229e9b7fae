"""Every way to read an answer, on every kind of app."""
