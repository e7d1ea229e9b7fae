"""What reading a Space's answer costs, measured beside other ways to read it."""
