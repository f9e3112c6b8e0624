// The keyboard of the wall. Keys work while the focus is on the wall or nowhere, never while somebody types elsewhere.
import type { Wall } from "./wall";

const PATIENCE_MS = 900;
const LONGEST = 4;

export class WallKeys {
  private digits = "";
  private timer: number | undefined;
  private readonly listener = (event: KeyboardEvent): void => this.key(event);

  constructor(
    private readonly wall: Wall,
    private readonly input: HTMLInputElement,
  ) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.call(input.value);
    });
  }

  listen(): void {
    document.addEventListener("keydown", this.listener);
  }

  quiet(): void {
    document.removeEventListener("keydown", this.listener);
    window.clearTimeout(this.timer);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.ours(event)) return;
    if (/^[0-9]$/.test(event.key)) this.digit(event.key);
    else if (!this.act(event.key)) return;
    event.preventDefault();
  }

  private ours(event: KeyboardEvent): boolean {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (document.querySelector("dialog[open]") !== null) return false;
    if (target.closest("input, select, textarea, [role=slider], .replay-player") !== null) return false;
    const presses = event.key === "Enter" || event.key === " ";
    if (presses && target.closest("a, button") !== null) return false;
    return target === document.body || target.id === "main" || this.wall.root.contains(target);
  }

  private digit(digit: string): void {
    this.digits = (this.digits + digit).slice(-LONGEST);
    this.input.value = this.digits;
    this.wall.say(`${this.wall.word("calling")} ${this.digits}`);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.call(this.digits), PATIENCE_MS);
  }

  private call(text: string): void {
    window.clearTimeout(this.timer);
    this.digits = "";
    this.input.value = "";
    const number = Number.parseInt(text, 10);
    if (Number.isFinite(number)) this.wall.call(number);
  }

  private act(key: string): boolean {
    const { wall } = this;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => wall.move(-1, 0),
      ArrowRight: () => wall.move(1, 0),
      ArrowUp: () => wall.move(0, -1),
      ArrowDown: () => wall.move(0, 1),
      PageUp: () => wall.turn(-1),
      PageDown: () => wall.turn(1),
      Enter: () => (this.digits === "" ? wall.toggleLarge() : this.call(this.digits)),
      Escape: () => wall.shrink(),
      b: () => void wall.lookBack(),
      f: () => wall.page(),
      g: () => wall.grow(),
      i: () => void wall.openIncident(),
      l: () => wall.live(),
      "?": () => wall.help(),
    };
    const found = acts[key.length === 1 ? key.toLowerCase() : key];
    found?.();
    return found !== undefined;
  }
}
