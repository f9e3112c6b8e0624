// What several cameras have recorded, as one timeline shows it.
import type { Gap, Piece, Recorded } from "./timeline";

/** One timeline of all: recorded where any camera is, a gap where none is; holds of each. */
export function merge(all: readonly Recorded[], from_us: number, to_us: number): Recorded {
  const pieces: Piece[] = [];
  for (const piece of all.flatMap((one) => one.pieces).sort((one, other) => one.start_us - other.start_us)) {
    const last = pieces.at(-1);
    if (last !== undefined && piece.start_us <= last.end_us) {
      pieces[pieces.length - 1] = { start_us: last.start_us, end_us: Math.max(last.end_us, piece.end_us) };
    } else {
      pieces.push(piece);
    }
  }
  const gaps = all
    .flatMap((one) => one.gaps)
    .flatMap((gap): Gap[] => {
      const end = gap.end_us ?? to_us;
      let start = gap.start_us;
      const left: Gap[] = [];
      for (const piece of pieces) {
        if (piece.end_us <= start || piece.start_us >= end) continue;
        if (piece.start_us > start) left.push({ ...gap, start_us: start, end_us: piece.start_us });
        start = piece.end_us;
      }
      return start < end ? [...left, { ...gap, start_us: start, end_us: end }] : left;
    });
  return { span: [from_us, to_us], pieces, gaps, holds: all.flatMap((one) => one.holds) };
}
