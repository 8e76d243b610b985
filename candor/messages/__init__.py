"""What was said that mattered, and what people are known for. Pure: no clock, network, queue or store."""
