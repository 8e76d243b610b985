"""The kind of error that whoever runs Candor can mend, told as a sentence and without a traceback."""

from __future__ import annotations


class OperatorError(Exception):
    """A setting, a server or a file is not as it must be; the message says what is wrong and what to do.

    `exit_code` is the status of the command that ends with it: 2 where what was given to it is wrong, else 1.
    """

    exit_code = 1
