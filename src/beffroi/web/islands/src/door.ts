// The browser's side of the media door: session binding, tickets and their renewal, the shift lease (I14).

export type Texts = Readonly<Record<string, string>>;

export interface Ticket {
  readonly ticket: string;
  readonly expires_us: number;
}

/** Why the door or the office said no; `code` is stable, `status` is that of HTTP (0: no answer), `detail` is in words. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail = "",
  ) {
    super(code);
  }
}

/** An office that hangs is down like one that is gone: soon enough for the lease to take over before a ticket ends. */
const PATIENCE_MS = 6_000;
const LEASE_KEY = "beffroi-lease";
let bound: Promise<string> | undefined;

/** A text of the page; the key itself where the page has none, so that a missing one is seen. */
export function text(texts: Texts, key: string, values: Readonly<Record<string, string>> = {}): string {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** What tickets are bound to: the digest of the door's cookie, which this page cannot read. */
export function binding(): Promise<string> {
  bound ??= ask<{ binding: string }>("/door/session").then((answer) => answer.binding);
  bound.catch(() => (bound = undefined));
  return bound;
}

/** A JSON answer of this origin; `Refused` for anything but success. */
export async function ask<T>(url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  let answer: Response;
  let data: unknown;
  try {
    answer = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      headers: { Accept: "application/json", ...(body === undefined ? {} : posting()), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    data = await answer.json().catch((error: unknown) => {
      if (error instanceof SyntaxError) return {};
      throw error;
    });
  } catch {
    throw new Refused("no_answer", 0);
  }
  if (!answer.ok) {
    const { code, detail } = data as { code?: unknown; detail?: unknown };
    throw new Refused(typeof code === "string" ? code : "refused", answer.status, typeof detail === "string" ? detail : "");
  }
  return data as T;
}

function posting(): Record<string, string> {
  return { "Content-Type": "application/json", "X-CSRFToken": csrf() };
}

/** The token that every request which changes something carries. */
export function csrf(): string {
  const given = document.body.getAttribute("hx-headers");
  if (given !== null) {
    const token: unknown = (JSON.parse(given) as Record<string, unknown>)["X-CSRFToken"];
    if (typeof token === "string") return token;
  }
  return /(?:^|;\s*)beffroi_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** Asks the office for tickets of one grant and camera, and keeps the one that still lives. */
export class Tickets {
  private kept: Ticket | undefined;
  private asking: Promise<Ticket> | undefined;

  constructor(
    private readonly url: string,
    private readonly camera: string,
  ) {}

  /** A ticket with at least `least_ms` to live. */
  async get(least_ms = 15_000): Promise<Ticket> {
    if (this.kept !== undefined && lifeOf(this.kept) > least_ms) return this.kept;
    this.asking ??= this.fetch().finally(() => (this.asking = undefined));
    this.kept = await this.asking;
    return this.kept;
  }

  private async fetch(): Promise<Ticket> {
    if (this.url === "") return leased(this.camera);
    try {
      const camera = this.camera === "" ? {} : { camera: this.camera }; // a package has none
      return await ask<Ticket>(this.url, { binding: await binding(), ...camera });
    } catch (error) {
      if (!(error instanceof Refused) || (error.status !== 0 && error.status < 500)) throw error;
      try {
        return await leased(this.camera);
      } catch {
        throw error; // what the office said, not the lease's answer, is what the person can act on
      }
    }
  }
}

/** Milliseconds that a ticket has left. */
export function lifeOf(ticket: Ticket): number {
  return ticket.expires_us / 1000 - Date.now();
}

/** Fetch the shift lease while the office is there; kept by this tab only, and useless in another browser. */
export async function keepLease(url: string): Promise<void> {
  const answer = await ask<{ lease: string }>(url, { binding: await binding() });
  sessionStorage.setItem(LEASE_KEY, answer.lease);
}

/** What the kept lease says of its cameras; none where there is no lease. */
export function leasedCameras(): string[] {
  const payload = sessionStorage.getItem(LEASE_KEY)?.split(".")[1];
  if (payload === undefined) return [];
  try {
    const bytes = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const data = JSON.parse(bytes) as { cameras?: unknown };
    return Array.isArray(data.cameras) ? data.cameras.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

async function leased(camera: string): Promise<Ticket> {
  const lease = sessionStorage.getItem(LEASE_KEY);
  if (lease === null) throw new Refused("no_lease", 0);
  return ask<Ticket>("/door/lease", { lease, camera });
}

/** Pause before attempt `n` (0 …): half a second, doubling, with jitter, ten seconds at most. */
export function backOff(n: number): number {
  return Math.min(10_000, 500 * 2 ** Math.min(n, 5)) * (0.75 + Math.random() / 2);
}

/** Time of day in the commune's own zone, as the page's language writes it. */
export function clock(at_us: number): string {
  const { lang, dataset } = document.documentElement;
  const zone = dataset["zone"]; // the centre's, whatever the machine before which somebody sits is set to (I10)
  return new Date(at_us / 1000).toLocaleTimeString(lang || "fr", { hour12: false, ...(zone && { timeZone: zone }) });
}

/** Make an element with a class and, where given, a text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  content = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  if (content !== "") element.textContent = content;
  return element;
}
