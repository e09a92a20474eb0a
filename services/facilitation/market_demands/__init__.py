"""Market demands (kebutuhan pasar): what buyers need, of what, how much, where and by when."""
