"""The commands of `candor`, by what they are about; cli.py names them all."""
