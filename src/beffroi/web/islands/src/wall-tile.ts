// One tile of the wall: live or looking back, its state in words, its incident.
import { type Texts, ask, make } from "./door";
import type { Mount } from "./registry";

export interface State {
  readonly kind: string;
  readonly level: string;
  readonly label: string;
  readonly sentence: string;
}

export interface CameraData {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly url: string;
  readonly state: State;
}

const SPEAKING = new Set(["live", "late", "stopped"]);

export interface LookBack {
  readonly ticket_url: string;
  readonly stop_url: string;
  readonly from_us: number;
  readonly to_us: number;
}

interface Grant {
  readonly ticket_url: string;
  readonly cameras: readonly string[];
}

function inside<T extends HTMLElement>(root: ParentNode, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`a tile has no part ${name}`);
  return found;
}

export class Tile {
  readonly element: HTMLElement;
  busy = false;
  private readonly picture: HTMLElement;
  private readonly note: HTMLElement;
  private readonly title: string;
  private leave: (() => void) | undefined;
  private grant: Grant | undefined;
  private player: Mount | undefined;
  private looking = false;
  private player_state = "";
  private state: State | undefined;

  constructor(
    template: HTMLTemplateElement,
    private readonly camera: CameraData,
    readonly alone: boolean,
    private readonly words: Texts,
    private readonly texts: Texts,
  ) {
    const copy = template.content.cloneNode(true) as DocumentFragment;
    const element = copy.firstElementChild;
    if (!(element instanceof HTMLElement)) throw new Error("the page's tile is empty");
    this.element = element;
    this.picture = inside(element, "picture");
    this.note = inside(element, "state");
    this.title = `${camera.number} · ${camera.name}`;
    element.dataset["camera"] = camera.id;
    element.classList.toggle("alone", alone);
    const link = inside<HTMLAnchorElement>(element, "title");
    link.textContent = this.title;
    link.href = camera.url;
    element.addEventListener("beffroi:state", (event) => {
      this.player_state = (event as CustomEvent<{ state: string }>).detail.state;
      this.show();
    });
  }

  /** Show live pictures under the shift's grant, if it has this camera. */
  open(grant: Grant, player: Mount): void {
    this.grant = grant;
    this.player = player;
    if (!this.looking) this.live();
  }

  /** Live, or again live after a look back. */
  live(): void {
    this.clear();
    this.looking = false;
    this.button("live", false);
    this.button("back", true);
    const { grant, player } = this;
    if (grant !== undefined && player !== undefined && grant.cameras.includes(this.camera.id)) {
      const box = make("div", "tile-player");
      this.picture.replaceChildren(box);
      const stream = this.alone ? "main" : "sub";
      const data = { camera: this.camera.id, title: this.title, ticket_url: grant.ticket_url, stream, texts: this.texts };
      this.leave = player(box, data) ?? undefined;
    }
    this.show();
  }

  /** Look back at a span in this very tile. */
  async back(opened: LookBack): Promise<void> {
    const replay = await import("./replay"); // hls.js comes when somebody looks back, not with every wall
    this.clear();
    this.looking = true;
    const box = make("div", "tile-player");
    this.picture.replaceChildren(box);
    const data = { camera: this.camera.id, title: this.title, stream: "main", texts: this.texts, ...opened };
    const leave = replay.mount(box, data);
    this.leave = () => {
      leave();
      void ask(opened.stop_url, {}).catch(() => undefined); // whoever leaves a look back ends its access
    };
    this.button("live", true);
    this.button("back", false);
    this.show();
  }

  /** What the recorder says of the camera, and its open incident. */
  tell(state: State | undefined, incident: { reference: string; url: string } | undefined): void {
    this.state = state;
    const link = inside<HTMLAnchorElement>(this.element, "incident");
    link.hidden = incident === undefined;
    if (incident !== undefined) {
      link.href = incident.url;
      link.textContent = incident.reference;
    }
    this.show();
  }

  choose(chosen: boolean): void {
    this.element.classList.toggle("chosen", chosen);
    this.element.tabIndex = chosen ? 0 : -1;
    this.element.setAttribute("aria-current", String(chosen));
  }

  close(): void {
    this.clear();
    this.element.remove();
  }

  private clear(): void {
    this.leave?.();
    this.leave = undefined;
    this.player_state = "";
    this.picture.replaceChildren();
  }

  private button(act: string, shown: boolean): void {
    const button = this.element.querySelector<HTMLElement>(`[data-act="${act}"]`);
    if (button !== null) button.hidden = !shown;
  }

  private show(): void {
    const badge = inside(this.element, "badge");
    const { state } = this;
    const level = this.looking ? "info" : (state?.level ?? "");
    badge.className = `badge ${level}`;
    put(badge, this.looking ? (this.words["back"] ?? "") : (state?.label ?? ""));
    const outside = this.grant !== undefined && !this.grant.cameras.includes(this.camera.id);
    const sentence = outside ? (this.words["outsidePurpose"] ?? "") : (state?.sentence ?? "");
    const quiet = this.looking || SPEAKING.has(this.player_state); // then the player's own words stand in the picture
    put(this.note, quiet ? "" : sentence);
    this.element.dataset["kind"] = this.looking ? "back" : (state?.kind ?? "unknown");
  }
}

/** Write only what changed, so that a screen reader is not told the same again. */
function put(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}
