"""What patrimonies are made of: flats, houses, parkings, cellars, shops."""
