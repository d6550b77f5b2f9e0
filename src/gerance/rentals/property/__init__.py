"""What is let: divisions, buildings, units, parkings and storages."""
