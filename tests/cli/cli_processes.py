"""What the tests that start a process of their own share."""

import signal


def default_interrupt():
    # a shell in the background hands down an ignored SIGINT
    signal.signal(signal.SIGINT, signal.SIG_DFL)
