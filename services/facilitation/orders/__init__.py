"""Orders (pesanan): from placing to the shares paid to enterprises."""
