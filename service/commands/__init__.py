"""What the commands of `candor` do; cli.py only declares them."""
