"""The verifier of evidence packages: pure standard library, Python 3.8 or later.

The same source is used twice: ``beffroi evidence verify`` imports it, and every package carries it as the one file
``data/player/verify.py`` (``standalone()`` joins the parts), so that an expert reads exactly what ran. Hence the
restraint in this folder: no import of anything else of Beffroi, no third-party module, no syntax newer than 3.8.
"""
