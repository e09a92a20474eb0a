"""What would be chosen (pratinjau): a model before anybody approves it, and the same figures by every method."""
