// The wall: 1, 4, 9 or 16 cameras, one large, called by number; look back and incident in one gesture; honest states.
import { type Texts, Refused, ask, keepLease } from "./door";
import { mount as mountLive } from "./live";
import { WallKeys } from "./wall-keys";
import { type CameraData, type LookBack, type State, Tile } from "./wall-tile";

interface Incident {
  readonly id: string;
  readonly reference: string;
  readonly title: string;
  readonly cameras: readonly string[];
  readonly url: string;
}

interface Told {
  readonly known: boolean;
  readonly cameras: Readonly<Record<string, State>>;
  readonly incidents: readonly Incident[];
}

interface WallData {
  readonly cameras: readonly CameraData[];
  readonly incidents: readonly Incident[];
  readonly sizes: readonly number[];
  readonly look_back_s: number;
  readonly urls: Readonly<Record<"status" | "look" | "incident" | "look_back" | "lease", string>>;
  readonly words: Texts;
  readonly texts: Texts;
}

interface Look {
  readonly grant: string;
  readonly ticket_url: string;
  readonly cameras: readonly string[];
}

const STATUS_MS = 3_000;
const LEASE_MS = 10 * 60_000;
const LOOK_MS = 5_000;
const SIZE_KEY = "beffroi-wall-size";

/** A part of the wall by its `data-part`; the page always has it. */
export function part<T extends HTMLElement>(root: ParentNode, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`the page has no part ${name}`);
  return found;
}

export class Wall {
  private readonly grid: HTMLElement;
  private readonly said: HTMLElement;
  private readonly template: HTMLTemplateElement;
  private readonly tiles = new Map<string, Tile>();
  private readonly timers: number[] = [];
  private readonly keys: WallKeys;
  private incidents: readonly Incident[];
  private states: Record<string, State> = {};
  private look: Look | undefined;
  private size = 4;
  private first = 0;
  private chosen = 0;
  private large: string | undefined;
  private asking = false;

  constructor(
    readonly root: HTMLElement,
    private readonly data: WallData,
  ) {
    this.grid = part(root, "tiles");
    this.said = part(root, "said");
    this.template = part<HTMLTemplateElement>(root, "tile");
    this.incidents = data.incidents;
    for (const camera of data.cameras) this.states[camera.id] = camera.state;
    const kept = Number(localStorage.getItem(SIZE_KEY));
    const fitting = data.sizes.find((size) => size >= data.cameras.length) ?? 9;
    this.size = data.sizes.includes(kept) ? kept : Math.min(fitting, 9);
    this.keys = new WallKeys(this, part<HTMLInputElement>(root, "number"));
    root.addEventListener("click", (event) => this.click(event));
  }

  start(): void {
    this.draw();
    this.keys.listen();
    void this.openLook();
    this.timers.push(window.setInterval(() => void this.askStatus(), STATUS_MS));
    this.timers.push(window.setInterval(() => void this.lease(), LEASE_MS));
  }

  stop(): void {
    for (const timer of this.timers) window.clearInterval(timer);
    this.keys.quiet();
    for (const tile of this.tiles.values()) tile.close();
  }

  /** Open large the camera that has this number. */
  call(number: number): void {
    const camera = this.data.cameras.find((one) => one.number === number);
    if (camera === undefined) {
      this.say(`${this.word("noSuchNumber")} ${number}`);
      return;
    }
    const index = this.data.cameras.indexOf(camera);
    this.first = Math.floor(index / this.size) * this.size;
    this.chosen = index - this.first;
    this.large = camera.id;
    this.draw();
    this.focus();
    this.say(`${this.word("called")} ${camera.number} · ${camera.name}`);
  }

  /** Choose another tile of the grid: `across` to the right, `down` below. */
  move(across: number, down: number): void {
    const columns = Math.sqrt(this.size);
    const count = this.shown().length;
    if (this.large !== undefined) this.turn(across + down);
    else {
      this.chosen = Math.min(count - 1, Math.max(0, this.chosen + across + down * columns));
      this.mark();
      this.focus();
    }
  }

  /** One camera large, and back. */
  toggleLarge(): void {
    const camera = this.current();
    if (camera === undefined) return;
    this.large = this.large === undefined ? camera.id : undefined;
    this.draw();
    this.focus();
  }

  /** Back to the grid. */
  shrink(): void {
    if (this.large !== undefined) this.toggleLarge();
  }

  /** The next size of the grid. */
  grow(): void {
    const at = this.data.sizes.indexOf(this.size);
    this.resize(this.data.sizes[(at + 1) % this.data.sizes.length] ?? 4);
  }

  /** The cameras before or after those shown; in large, the neighbour. */
  turn(by: number): void {
    const count = this.data.cameras.length;
    if (this.large !== undefined) {
      const at = this.data.cameras.findIndex((one) => one.id === this.large);
      const next = this.data.cameras[(at + by + count) % count];
      if (next !== undefined) this.call(next.number);
      return;
    }
    const pages = Math.ceil(count / this.size);
    const page = (Math.floor(this.first / this.size) + by + pages) % pages;
    this.first = page * this.size;
    this.chosen = 0;
    this.draw();
    this.focus();
  }

  /** Look back in the chosen tile: hangs on an open incident of the camera, or on a new one (its reason is due). */
  async lookBack(): Promise<void> {
    const camera = this.current();
    if (camera === undefined) return;
    const tile = this.tiles.get(camera.id);
    if (tile === undefined || tile.busy) return;
    tile.busy = true;
    try {
      const incident = this.incidentOn(camera.id) ?? (await this.open(camera));
      const seconds = this.data.look_back_s;
      const body = { camera: camera.id, incident: incident.id, seconds };
      const opened = await ask<LookBack>(this.data.urls.look_back, body);
      await tile.back(opened);
      this.say(`${this.word("back")} ${camera.number} · ${camera.name} · ${incident.reference}`);
    } catch (error) {
      this.say(this.failure("lookBackFailed", error));
    } finally {
      tile.busy = false;
    }
  }

  /** Return to live in the chosen tile. */
  live(): void {
    const camera = this.current();
    if (camera !== undefined) this.tiles.get(camera.id)?.live();
  }

  /** Open an incident on the chosen tile's camera in one act. */
  async openIncident(): Promise<void> {
    const camera = this.current();
    if (camera === undefined) return;
    try {
      const incident = await this.open(camera);
      this.say(`${this.word("incidentOpened")} ${incident.reference}`);
    } catch (error) {
      this.say(this.failure("incidentFailed", error));
    }
  }

  /** Leave for the page of the chosen camera. */
  page(): void {
    const camera = this.current();
    if (camera !== undefined) location.assign(camera.url);
  }

  help(): void {
    part<HTMLDialogElement>(this.root, "help").showModal();
  }

  say(words: string): void {
    this.said.textContent = words;
  }

  word(key: string): string {
    return this.data.words[key] ?? key;
  }

  private click(event: Event): void {
    const target = event.target instanceof Element ? event.target : undefined;
    const tile = target?.closest<HTMLElement>("[data-camera]");
    if (tile) {
      this.chosen = this.shown().findIndex((one) => one.id === tile.dataset["camera"]);
      this.mark();
    }
    const button = target?.closest<HTMLElement>("button");
    const size = button?.dataset["size"];
    if (size !== undefined) this.resize(Number(size));
    const acts: Record<string, () => void> = {
      previous: () => this.turn(-1),
      next: () => this.turn(1),
      help: () => this.help(),
      large: () => this.toggleLarge(),
      back: () => void this.lookBack(),
      live: () => this.live(),
      incident: () => void this.openIncident(),
    };
    acts[button?.dataset["act"] ?? ""]?.();
  }

  private resize(size: number): void {
    const kept = this.current();
    this.size = size;
    this.large = undefined;
    const index = Math.max(0, this.data.cameras.findIndex((one) => one.id === kept?.id));
    this.first = Math.floor(index / size) * size;
    this.chosen = index - this.first;
    localStorage.setItem(SIZE_KEY, String(size));
    this.draw();
  }

  private shown(): readonly CameraData[] {
    const large = this.data.cameras.filter((one) => one.id === this.large);
    return large.length > 0 ? large : this.data.cameras.slice(this.first, this.first + this.size);
  }

  private current(): CameraData | undefined {
    return this.large === undefined ? this.shown()[this.chosen] : this.shown()[0];
  }

  /** Show what should be shown; tiles that stay are not touched, so that their pictures go on. */
  private draw(): void {
    const shown = this.shown();
    const alone = this.large !== undefined || this.size === 1;
    for (const [id, tile] of this.tiles) {
      if (!shown.some((one) => one.id === id) || tile.alone !== alone) {
        tile.close();
        this.tiles.delete(id);
      }
    }
    const wanted = shown.map((camera) => this.tileOf(camera, alone).element);
    if (wanted.some((element, index) => this.grid.children[index] !== element)) this.grid.replaceChildren(...wanted);
    this.grid.dataset["count"] = String(this.large === undefined ? this.size : 1);
    this.mark();
    this.tell();
    const pages = Math.ceil(this.data.cameras.length / this.size);
    part(this.root, "page").textContent = `${Math.floor(this.first / this.size) + 1} / ${pages}`;
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-size]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset["size"]) === this.size));
    }
  }

  private tileOf(camera: CameraData, alone: boolean): Tile {
    const standing = this.tiles.get(camera.id);
    if (standing !== undefined) return standing;
    const tile = new Tile(this.template, camera, alone, this.data.words, this.data.texts);
    this.tiles.set(camera.id, tile);
    if (this.look !== undefined) tile.open(this.look, mountLive);
    return tile;
  }

  private mark(): void {
    const current = this.current();
    for (const [id, tile] of this.tiles) tile.choose(id === current?.id);
  }

  private focus(): void {
    const current = this.current();
    if (current !== undefined) this.tiles.get(current.id)?.element.focus({ preventScroll: false });
  }

  private tell(): void {
    for (const [id, tile] of this.tiles) tile.tell(this.states[id], this.incidentOn(id));
  }

  private incidentOn(camera: string): Incident | undefined {
    return this.incidents.find((one) => one.cameras.includes(camera));
  }

  private async open(camera: CameraData): Promise<Incident> {
    const incident = await ask<Incident>(this.data.urls.incident, { camera: camera.id });
    this.incidents = [incident, ...this.incidents];
    this.tell();
    return incident;
  }

  /** The live grant of the shift; without it, again after a while. What the gate refuses is said once. */
  private async openLook(): Promise<void> {
    try {
      this.look = await ask<Look>(this.data.urls.look, {});
      for (const tile of this.tiles.values()) tile.open(this.look, mountLive);
      void this.lease();
    } catch (error) {
      this.say(this.failure("refused", error));
      if (error instanceof Refused && error.status >= 400 && error.status < 500) return;
      this.timers.push(window.setTimeout(() => void this.openLook(), LOOK_MS));
    }
  }

  private async lease(): Promise<void> {
    if (this.look !== undefined) await keepLease(this.data.urls.lease).catch(() => undefined);
  }

  private async askStatus(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const office = part(this.root, "office");
    try {
      const told = await ask<Told>(this.data.urls.status);
      this.states = { ...this.states, ...told.cameras };
      this.incidents = told.incidents;
      office.hidden = true;
      this.tell();
    } catch {
      part(this.root, "office-words").textContent = this.word("officeDown");
      office.hidden = false;
    } finally {
      this.asking = false;
    }
  }

  private failure(key: string, error: unknown): string {
    const detail = error instanceof Refused ? error.code : "";
    return detail in this.data.words ? `${this.word(key)} ${this.word(detail)}` : this.word(key);
  }
}

/** Bring the wall to life. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const wall = new Wall(element, data as WallData);
  wall.start();
  return () => wall.stop();
}
