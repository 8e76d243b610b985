"""What people take home from a network: their own exports, turned into records. Reads bytes and opens nothing else."""
