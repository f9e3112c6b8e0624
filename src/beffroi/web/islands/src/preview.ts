// Small pictures while somebody moves over the timeline: one question at a time, the newest wish counts.
import { type Texts, clock, make, text } from "./door";
import type { Piece } from "./timeline";

export type Ask = (at_us: number) => Promise<{ readonly picture: Blob; readonly at_us: number }>;

const KEPT = 60;
const NEAR_US = 1_000_000;

/** What stands over the timeline; `point` moves it, `hide` takes it away. Pictures are kept in this page alone. */
export class Preview {
  readonly element = make("figure", "timeline-preview");
  private readonly image = make("img", "");
  private readonly time = make("figcaption", "");
  private readonly kept = new Map<number, string>();
  private pieces: readonly Piece[] = [];
  private wanted: number | undefined;
  private asking = false;

  constructor(
    private readonly ask: Ask,
    private readonly texts: Texts,
  ) {
    this.element.hidden = true;
    this.image.alt = "";
    this.time.setAttribute("role", "status");
    this.element.append(this.image, this.time);
  }

  /** What is recorded: elsewhere the door is not asked. */
  show(pieces: readonly Piece[]): void {
    this.pieces = pieces;
  }

  /** A moment, and where it stands on the timeline, from 0 to 1. */
  point(at_us: number, share: number): void {
    this.element.hidden = false;
    this.element.style.setProperty("--at", share.toFixed(4));
    const recorded = this.pieces.some((one) => one.start_us <= at_us && at_us < one.end_us);
    this.time.textContent = recorded ? clock(at_us) : text(this.texts, "preview_none", { at: clock(at_us) });
    this.image.hidden = !recorded;
    this.wanted = recorded ? Math.round(at_us / NEAR_US) * NEAR_US : undefined;
    void this.next();
  }

  hide(): void {
    this.wanted = undefined;
    this.element.hidden = true;
  }

  close(): void {
    this.hide();
    for (const url of this.kept.values()) URL.revokeObjectURL(url);
    this.kept.clear();
  }

  private async next(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      for (let at = this.wanted; at !== undefined; at = this.wanted) {
        const url = this.kept.get(at) ?? (await this.made(at));
        if (this.wanted !== at) continue;
        this.image.src = url;
        this.element.dataset["atUs"] = String(at);
        this.wanted = undefined;
      }
    } catch {
      this.image.hidden = true; // the time stands there; the next movement asks again
      this.wanted = undefined;
    } finally {
      this.asking = false;
    }
  }

  private async made(at_us: number): Promise<string> {
    const inside = this.pieces.find((one) => one.start_us - NEAR_US < at_us && at_us < one.end_us + NEAR_US);
    const asked = inside === undefined ? at_us : Math.min(inside.end_us - 1, Math.max(inside.start_us, at_us));
    const url = URL.createObjectURL((await this.ask(asked)).picture);
    this.kept.set(at_us, url);
    const oldest = this.kept.keys().next();
    if (this.kept.size > KEPT && oldest.done !== true) {
      URL.revokeObjectURL(this.kept.get(oldest.value) ?? "");
      this.kept.delete(oldest.value);
    }
    return url;
  }
}
