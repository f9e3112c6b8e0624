// When each frame of a loaded piece is shown, as the fragments themselves say (ISO/IEC 14496-12: moof, traf, tfdt, trun).

export interface Frame {
  readonly into_s: number; // after the decode time of the piece's first frame
  readonly key: boolean;
}

const TIMESCALE = 90_000; // of every fragment that the door gives
const NOT_KEY = 0x0001_0000;
const DATA_OFFSET = 0x001;
const FIRST_FLAGS = 0x004;
const DURATION = 0x100;
const SIZE = 0x200;
const FLAGS = 0x400;
const OFFSET = 0x800;

/** The frames of `bytes`, in the order in which they are shown; none where this is not a fragment of the door. */
export function framesOf(bytes: ArrayBuffer): Frame[] {
  const view = new DataView(bytes);
  const found: Frame[] = [];
  let first: number | undefined;
  try {
    for (const [start, end] of boxes(view, 0, view.byteLength, "moof")) {
      for (const [from, to] of boxes(view, start, end, "traf")) {
        const decode = decodeTime(view, from, to);
        first ??= decode;
        for (const [at] of boxes(view, from, to, "trun")) found.push(...run(view, at, decode - first));
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return []; // cut short
    throw error;
  }
  return found.sort((one, other) => one.into_s - other.into_s);
}

/** Where the contents of the boxes of one kind begin and end. */
function* boxes(view: DataView, from: number, to: number, kind: string): Generator<readonly [number, number]> {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    if (size < 8) return;
    const name = String.fromCharCode(...[4, 5, 6, 7].map((n) => view.getUint8(at + n)));
    if (name === kind) yield [at + 8, at + size];
    at += size;
  }
}

function decodeTime(view: DataView, from: number, to: number): number {
  for (const [at] of boxes(view, from, to, "tfdt")) {
    return view.getUint8(at) === 1 ? Number(view.getBigUint64(at + 4)) : view.getUint32(at + 4);
  }
  return 0;
}

function run(view: DataView, start: number, decode: number): Frame[] {
  const has = view.getUint32(start) & 0xff_ffff;
  const count = view.getUint32(start + 4);
  const fields = [DURATION, SIZE, FLAGS, OFFSET].filter((one) => has & one);
  let at = start + 8 + (has & DATA_OFFSET ? 4 : 0) + (has & FIRST_FLAGS ? 4 : 0);
  let decoded = decode;
  const found: Frame[] = [];
  for (let n = 0; n < count; n++) {
    const value = (field: number): number => at + 4 * fields.indexOf(field);
    const shown = decoded + (has & OFFSET ? view.getInt32(value(OFFSET)) : 0);
    const key = has & FLAGS ? (view.getUint32(value(FLAGS)) & NOT_KEY) === 0 : n === 0;
    found.push({ into_s: shown / TIMESCALE, key });
    decoded += has & DURATION ? view.getUint32(value(DURATION)) : 0;
    at += 4 * fields.length;
  }
  return found;
}
