"""Pure decisions of the bell: no I/O, no Django, no clock. States and authorities are tables."""
