"""Files of enterprises (impor usaha): good rows enter the register batch by batch, refused ones are listed, and an interrupted file goes on."""
