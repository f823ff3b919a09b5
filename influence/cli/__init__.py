"""The command line; only this folder prints or exits."""
