"""The background: runs the jobs that the queues hold."""
