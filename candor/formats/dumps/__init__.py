"""Dumps and exports of whole communities, one file a format: what becomes what, what is lost, who is trusted."""
