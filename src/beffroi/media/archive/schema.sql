-- The catalogue of an archive (format 3). It holds nothing that media files and journal do not hold: it may be deleted,
-- and `beffroi archive rebuild` makes the same again. One process writes it (media/archive/writer.py); any may read.
-- Times are microseconds of UTC since 1970 (`_us`); spans are half-open. Row numbers of run, segment, gap and hold are
-- the numbers of their journal lines, so that a rebuilt catalogue is equal row by row.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,      -- format | volume | generation | journal_n | journal_head
    value TEXT NOT NULL         -- as text
) WITHOUT ROWID, STRICT;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,     -- number of the journal line that began it: runs in the order in which they began
    run TEXT NOT NULL UNIQUE,   -- its identifier
    camera TEXT NOT NULL,       -- camera identifier
    stream TEXT NOT NULL,       -- main | sub
    codec TEXT NOT NULL,        -- RFC 6381, or mjpeg
    width INTEGER NOT NULL,     -- pixels
    height INTEGER NOT NULL,    -- pixels
    synthetic INTEGER NOT NULL, -- 1: made by the demonstration, not by a camera
    mask_version TEXT NOT NULL, -- not empty: masked at ingest, by this version of the mask (I3)
    born_us INTEGER NOT NULL,   -- wall clock when it began
    init BLOB NOT NULL          -- ftyp and moov: what each of its files begins with
) STRICT;

CREATE TABLE segment (
    id INTEGER PRIMARY KEY,     -- number of the journal line of its intent (or adoption)
    segment TEXT NOT NULL UNIQUE, -- its identifier, and its file's name
    run INTEGER NOT NULL REFERENCES run (id), -- the run it is part of
    camera TEXT NOT NULL,       -- of the run, repeated here for the index
    stream TEXT NOT NULL,       -- of the run, repeated here for the index
    state TEXT NOT NULL CHECK (state IN ('open', 'sealed', 'recovered', 'adopted', 'kept', 'missing')),
                                -- recovered: cut to its last whole fragment after a crash; adopted: found without intent;
                                -- kept: what a hold needed of a file that came to its term;
                                -- missing: sealed, but its file is not there
    start_us INTEGER NOT NULL,  -- start of its first fragment; 0 while it has none
    end_us INTEGER NOT NULL,    -- end of its last durable fragment; 0 while it has none
    bytes INTEGER NOT NULL,     -- of the file, up to the last durable fragment
    frames INTEGER NOT NULL,    -- access units in it
    fragments INTEGER NOT NULL, -- fragments in it
    head BLOB NOT NULL,         -- SHA-256 of its last fragment: the head of the stream's chain there
    entries BLOB                -- the index of its fragments (media/core/index.py); NULL while open
) STRICT;
CREATE INDEX segment_by_time ON segment (camera, stream, end_us, start_us);
CREATE INDEX segment_by_run ON segment (run);
CREATE INDEX segment_missing ON segment (camera, stream) WHERE state = 'missing';
CREATE INDEX segment_open ON segment (id) WHERE state = 'open';

CREATE TABLE open_fragment (
    segment INTEGER NOT NULL REFERENCES segment (id), -- an open segment
    sequence INTEGER NOT NULL,  -- of the fragment, in its run
    entry BLOB NOT NULL,        -- one entry of an index
    PRIMARY KEY (segment, sequence)
) WITHOUT ROWID, STRICT;

CREATE TABLE piece (
    run INTEGER NOT NULL REFERENCES run (id), -- recorded without a break, inside one run
    camera TEXT NOT NULL,       -- of the run, repeated here for the index
    stream TEXT NOT NULL,       -- of the run, repeated here for the index
    start_us INTEGER NOT NULL,  -- from
    end_us INTEGER NOT NULL,    -- to
    PRIMARY KEY (camera, stream, start_us, run)
) WITHOUT ROWID, STRICT;
CREATE INDEX piece_by_end ON piece (camera, stream, end_us);

CREATE TABLE gap (
    id INTEGER PRIMARY KEY,     -- number of the journal line that opened it
    camera TEXT NOT NULL,       -- camera identifier
    stream TEXT NOT NULL,       -- main | sub
    start_us INTEGER NOT NULL,  -- no pictures from here
    end_us INTEGER,             -- to here; NULL while it lasts
    cause TEXT NOT NULL,        -- media/core/words.py: GapCause
    detail TEXT NOT NULL        -- one line for the technician; never an address or a password
) STRICT;
CREATE INDEX gap_by_time ON gap (camera, stream, start_us);

CREATE TABLE hold (
    id INTEGER PRIMARY KEY,     -- number of the journal line that set it
    hold TEXT NOT NULL UNIQUE,  -- its identifier, given by the office
    camera TEXT NOT NULL,       -- camera identifier: all its streams
    start_us INTEGER NOT NULL,  -- footage from
    end_us INTEGER NOT NULL,    -- footage to
    reference TEXT NOT NULL,    -- requisition, incident or case
    judicial INTEGER NOT NULL,  -- 1: a judicial reference, which alone beats the legal maximum (I6)
    set_us INTEGER NOT NULL,    -- since when it is durable here
    released_us INTEGER,        -- when it was let go; NULL while it holds
    reason TEXT NOT NULL        -- why it was let go
) STRICT;
CREATE INDEX hold_by_camera ON hold (camera) WHERE released_us IS NULL;

CREATE TABLE destruction (
    id INTEGER NOT NULL,        -- number of the signed journal line
    part INTEGER NOT NULL,      -- 0; where a hold kept some of the file, each stretch that went counts on
    segment TEXT NOT NULL,      -- identifier of what was destroyed
    camera TEXT NOT NULL,       -- camera identifier
    stream TEXT NOT NULL,       -- main | sub
    start_us INTEGER NOT NULL,  -- footage from
    end_us INTEGER NOT NULL,    -- footage to
    bytes INTEGER NOT NULL,     -- size of the file
    head BLOB NOT NULL,         -- the chain's head at its end: the next fragment still names it
    rule TEXT NOT NULL,         -- by which rule
    at_us INTEGER NOT NULL,     -- when
    PRIMARY KEY (id, part)
) WITHOUT ROWID, STRICT;
CREATE INDEX destruction_by_time ON destruction (camera, stream, end_us);

CREATE TABLE stream (
    camera TEXT NOT NULL,       -- camera identifier
    stream TEXT NOT NULL,       -- main | sub
    durable_until_us INTEGER NOT NULL, -- end of the newest fragment known to be on the disk
    head BLOB NOT NULL,         -- SHA-256 of the newest fragment: the head of this stream's chain
    PRIMARY KEY (camera, stream)
) WITHOUT ROWID, STRICT;

CREATE TABLE day (
    camera TEXT NOT NULL,       -- camera identifier
    stream TEXT NOT NULL,       -- main | sub
    day INTEGER NOT NULL,       -- days of UTC since 1970
    bytes INTEGER NOT NULL,     -- in closed files that begin on it
    PRIMARY KEY (camera, stream, day)
) WITHOUT ROWID, STRICT;

CREATE TABLE cutting (
    id INTEGER PRIMARY KEY,     -- number of the journal line
    segment TEXT NOT NULL UNIQUE, -- a copy that is being made of what is held
    camera TEXT NOT NULL,       -- camera identifier
    source TEXT NOT NULL        -- of this segment, which is whole until the copy is
) STRICT;

CREATE TABLE moved (
    id INTEGER PRIMARY KEY,     -- number of the signed journal line
    segment TEXT NOT NULL,      -- what stood here
    camera TEXT NOT NULL,       -- camera identifier
    head BLOB NOT NULL,         -- the chain's head at its end
    volume TEXT NOT NULL        -- UUID of the volume on which it stands now
) STRICT;

CREATE TABLE broken (
    id INTEGER PRIMARY KEY,     -- number of the signed journal line that tells of it
    first INTEGER NOT NULL,     -- journal lines from this number
    last INTEGER NOT NULL,      -- to this one are lost, or not what was written
    at_us INTEGER NOT NULL,     -- when that was found
    holds TEXT NOT NULL         -- proved: the catalogue still knew every hold; unknown: nothing is destroyed until
                                -- somebody has looked; seen: somebody has
) STRICT;
