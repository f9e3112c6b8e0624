"""Every name a fact may have, ``subject:act``, with what it means in one line.

A test reads the code and fails on a recorded name that is not here. Look names are those the DPO's reader shows.
"""

NAMES: dict[str, str] = {
    # audit
    "log:read": "someone read the log, with these filters (R-28)",
    "log:verify": "the log was verified, with this result",
    "fact:erase": "the body of a fact was erased by rule; its leaf stays (R-27)",
    "journal:pull": "lines of a recorder's journal came in",
    "journal:break": "a recorder's journal does not follow from what was pulled before",
    # people
    "organisation:create": "an organisation was entered",
    "unit:create": "a unit was entered",
    "person:create": "a person was entered",
    "person:amend": "a person's rank, quality or contact changed",
    "person:end-duty": "a person left: roles ended, sessions cut",
    "role:grant": "a role was given for a time",
    "role:withdraw": "a role was taken back",
    "clearance:grant": "an individual clearance (habilitation) was entered",
    "clearance:withdraw": "a clearance was withdrawn",
    "approval:grant": "a prefectoral approval (agrément) was entered",
    "approval:suspend": "an approval was suspended or withdrawn",
    "training:enter": "a training certificate was entered",
    "account:open": "a person got an account to sign in with",
    "account:password": "a password was set",
    "session:begin": "someone signed in",
    "session:refuse": "a sign-in was refused",
    "session:end": "someone signed out, or a session was ended",
    # sites
    "commune:enter": "a commune, its boundary or its plan was entered or drawn anew",
    "site:enter": "a named place with cameras was entered",
    "camera:add": "a camera was entered: number, place, field of view, purposes, days kept",
    "camera:amend": "a camera's name, tags, purposes or days kept changed",
    "camera:move": "a camera's position or field of view changed",
    "camera:source": "a camera's address or password changed (never which)",
    "camera:commission": "a camera began to record, with the rules asked",
    "camera:refuse": "a camera was not commissioned, and by which rule",
    "camera:suspend": "a camera's recording was suspended by hand, and why",
    "camera:resume": "a suspended camera records again",
    "camera:retire": "a camera was taken out of service",
    "mask:draw": "a dwelling mask was drawn",
    "mask:review": "a second person reviewed a dwelling mask (R-05)",
    "authorisation:enter": "the prefect's order on the system was entered",
    "authorisation:cover": "cameras were added to the order",
    "authorisation:withdraw": "the order was withdrawn or suspended",
    "recorder:settings": "the camera settings were handed to a recorder",
    # operations
    "shift:begin": "a person went on duty, with purpose and reason",
    "shift:end": "a person's duty ended",
    "rota:set": "the order of substitutes was set",
    "incident:open": "an incident was opened on a camera",
    "incident:reason": "the reason of an incident was given",
    "incident:link": "a camera was linked to an incident",
    "incident:close": "an incident was closed",
    "bookmark:add": "an instant of footage was marked in an incident",
    "logbook:write": "a line was written into the logbook",
    # looks (media door)
    "look:begin": "pictures began to be delivered to a person",
    "look:end": "a look ended, with the totals delivered",
    "look:refuse": "the door refused a ticket",
}

LOOKS = ("look:begin", "look:end", "look:refuse")
"""What the DPO's reader of looks selects."""
