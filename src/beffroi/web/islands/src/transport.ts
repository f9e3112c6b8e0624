// What one does with recorded pictures, one camera's or several': buttons, speeds, and the keys of editing tools.
import { type Texts, make, text } from "./door";

export interface Acts {
  toggle(): void;
  pause(): void;
  skip(by_us: number): void;
  step(by: 1 | -1): void; // one frame
  group(by: 1 | -1): void; // to the beginning of a group of pictures
  shuttle(way: 1 | -1): void; // play that way; again: faster
  speed(rate: number): void;
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
export const SKIP_US = 10_000_000;

export class Transport {
  readonly element = make("div", "replay-transport");
  private readonly bar = make("div", "replay-controls");
  private readonly play: HTMLButtonElement;
  private readonly speeds = make("select", "input replay-speed");

  constructor(
    private readonly texts: Texts,
    private readonly acts: Acts,
  ) {
    this.add("back_10", () => acts.skip(-SKIP_US));
    this.add("reverse", () => acts.shuttle(-1));
    this.add("frame_back", () => acts.step(-1));
    this.play = this.add("pause", () => acts.toggle());
    this.add("frame_forward", () => acts.step(1));
    this.add("forward_10", () => acts.skip(SKIP_US));
    this.speeds.setAttribute("aria-label", text(texts, "speed"));
    for (const value of SPEEDS) this.speeds.add(new Option(`${value}×`, String(value), value === 1, value === 1));
    this.speeds.addEventListener("change", () => acts.speed(Number(this.speeds.value)));
    this.bar.append(this.speeds);
    const keys = make("details", "disclosure replay-keys");
    keys.append(make("summary", "", text(texts, "keys")), make("p", "", text(texts, "keys_note")));
    this.element.append(this.bar, keys);
  }

  add(name: string, does: () => void): HTMLButtonElement {
    const button = make("button", "button small", text(this.texts, name));
    button.type = "button";
    button.dataset["act"] = name;
    button.addEventListener("click", does);
    this.bar.append(button);
    return button;
  }

  /** What the button in the middle does next. */
  playing(is: boolean): void {
    this.play.textContent = text(this.texts, is ? "pause" : "play");
  }

  /** How fast; a negative rate is not among the choices and leaves the list as it is. */
  shows(rate: number): void {
    if (SPEEDS.includes(rate)) this.speeds.value = String(rate);
  }

  /** The keys, wherever in `element` one is. */
  listen(element: HTMLElement): void {
    element.addEventListener("keydown", (event) => {
      if (event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement) return;
      if (event.target instanceof Element && event.target.closest("summary") !== null) return;
      const act = this.of(event);
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
  }

  private of(event: KeyboardEvent): (() => void) | undefined {
    const { acts } = this;
    const table: Record<string, () => void> = {
      " ": () => acts.toggle(),
      k: () => acts.pause(),
      j: () => acts.shuttle(-1),
      l: () => acts.shuttle(1),
      ArrowLeft: () => (event.shiftKey ? acts.skip(-SKIP_US) : acts.group(-1)),
      ArrowRight: () => (event.shiftKey ? acts.skip(SKIP_US) : acts.group(1)),
      ",": () => acts.step(-1),
      ".": () => acts.step(1),
    };
    return table[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  }
}

/** The next faster rate in one direction, from `rate`: 1, 2, 4, 8. */
export function faster(rate: number, way: 1 | -1): number {
  return rate * way >= 1 ? Math.min(8, Math.abs(rate) * 2) * way : way;
}
