"""The bell for people: the school and every equipped building, in the room, at the head's desk and on the phone."""
