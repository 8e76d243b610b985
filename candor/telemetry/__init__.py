"""What can be seen of the service while it runs: lines in a log, and numbers."""
