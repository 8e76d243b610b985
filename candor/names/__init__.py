"""Names: the networks, the one name that each account has on its network, and which web addresses may be asked."""
