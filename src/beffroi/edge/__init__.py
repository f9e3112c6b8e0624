"""The box in the building: siren, posture, roll-call and the on-site key, without centre or internet (I13).

Knows no Django; imports the kernel and ``safety.core`` only. It keeps its own journal and exchanges events with the
centre by signed HTTPS whenever a link is there.
"""
