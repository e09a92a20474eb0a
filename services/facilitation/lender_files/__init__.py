"""Files of lenders (berkas penyalur): disbursements and repayments, compared row by row with the loans known here."""
