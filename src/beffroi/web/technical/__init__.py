"""The technician's room: cameras as devices, without pictures. Add, test, place, replace, retire."""
