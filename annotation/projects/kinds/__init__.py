"""The kinds of work there are. A new kind is one file here and one line in protocol.py."""
