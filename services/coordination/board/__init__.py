"""Pages: the commitments board, the convergence heat map, the calendar of due dates, and one page for each institution."""
