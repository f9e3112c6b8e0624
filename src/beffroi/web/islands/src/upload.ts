// Sends the file of a form in parts (tus 1.0 in simple form), with a progress bar; then the form goes without the file.
// A cut line is waited out. A file that is here in part, from before, is compared by its digests and gone on with.
// Without secure context there are no digests, and without this script no parts: the form then sends the file itself.
import { csrf, make, text, type Texts } from "./door";

interface Sent {
  readonly url: string;
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

interface UploadData {
  readonly begin_url: string;
  readonly part_bytes: number;
  readonly most_bytes: number;
  readonly sent: readonly Sent[];
  readonly texts: Texts;
}

interface Answer {
  readonly status: number; // 0: the line is cut
  readonly why: string;
  readonly get: (name: string) => string;
}

const VERSION = "1.0.0";
const WAIT_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;
const SAY_EACH_PERCENT = 10;
const DONE = 4;

class Stopped extends Error {}
class Refused extends Error {}

/** Sends with progress inside a part, which `fetch` has not. */
function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: ArrayBuffer | null,
  signal: AbortSignal,
  progress: (bytes: number) => void = () => undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const give_up = (): void => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries({
      Accept: "application/json",
      "Tus-Resumable": VERSION,
      "X-CSRFToken": csrf(),
      ...headers,
    })) {
      request.setRequestHeader(name, value);
    }
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("loadend", () => {
      signal.removeEventListener("abort", give_up);
      if (signal.aborted) {
        reject(new Stopped());
        return;
      }
      const done = request.readyState === DONE;
      resolve({
        status: done ? request.status : 0,
        why: wordsOf(request.responseText),
        get: (name) => (done ? (request.getResponseHeader(name) ?? "") : ""),
      });
    });
    signal.addEventListener("abort", give_up);
    request.send(body);
  });
}

function wordsOf(body: string): string {
  try {
    const said = JSON.parse(body) as { detail?: unknown; title?: unknown };
    return [said.detail, said.title].find((one): one is string => typeof one === "string" && one !== "") ?? "";
  } catch {
    return "";
  }
}

async function sha256(bytes: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

const hex = (bytes: Uint8Array): string => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const START = new Uint8Array(32);

async function chained(before: Uint8Array, digest: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const both = new Uint8Array(before.length + digest.length);
  both.set(before);
  both.set(digest, before.length);
  return sha256(both.buffer);
}

class Upload {
  private readonly bar = make("progress", "");
  private readonly state = make("p", "");
  private readonly stop = make("button", "button small");
  private readonly box = make("div", "progress");
  private readonly known: Sent[];
  private said = -1;
  private offset = 0;
  private chain: Uint8Array = START;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly data: UploadData,
  ) {
    const { texts } = data;
    this.known = [...data.sent];
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", text(texts, "progress"));
    this.state.setAttribute("role", "status");
    this.stop.type = "button";
    this.stop.textContent = text(texts, "stop");
    this.bar.hidden = this.stop.hidden = true;
    this.box.append(this.bar, this.state, this.stop);
    form.append(this.box);
    form.addEventListener("submit", (event) => this.submit(event));
  }

  private field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }

  private submit(event: SubmitEvent): void {
    const file = this.field("file").files?.[0];
    if (file === undefined || file.size === 0) return; // one that is here already, or the page says that one is missing
    event.preventDefault();
    if (!this.bar.hidden) return; // being sent
    if (file.size > this.data.most_bytes) {
      this.say("too_large");
      return;
    }
    const ending = new AbortController();
    this.stop.onclick = () => ending.abort();
    this.bar.hidden = this.stop.hidden = false;
    this.said = -1;
    void this.whole(file, ending.signal)
      .then((id) => this.hand(id))
      .catch((error: unknown) => {
        if (error instanceof Stopped) this.say("stopped", file);
        else if (!(error instanceof Refused)) throw error;
      })
      .finally(() => (this.bar.hidden = this.stop.hidden = true));
  }

  /** Everything is there: the form goes without the file, and names the upload instead. */
  private hand(id: string): void {
    const upload = this.field("upload") as HTMLInputElement | HTMLSelectElement;
    if (upload instanceof HTMLSelectElement) upload.add(new Option("", id));
    upload.value = id;
    this.field("chain").value = hex(this.chain);
    this.field("file").value = "";
    this.say("examining");
    this.form.submit();
  }

  private async whole(file: File, signal: AbortSignal): Promise<string> {
    let sent = await this.goOn(file, signal);
    while (this.offset < file.size) {
      const part = await file.slice(this.offset, this.offset + this.data.part_bytes).arrayBuffer();
      const digest = await sha256(part);
      const headers = {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": String(this.offset),
        "Upload-Checksum": `sha256 ${base64(digest)}`,
      };
      const from = this.offset;
      const answer = await this.patiently(file, signal, () =>
        send("PATCH", sent.url, headers, part, signal, (bytes) => this.show(file, from + Math.min(bytes, part.byteLength))),
      );
      if (answer.status === 204) {
        this.chain = await chained(this.chain, digest);
        this.offset += part.byteLength;
        this.show(file, this.offset);
      } else if (answer.status === 409 || answer.status === 404) {
        sent = await this.goOn(file, signal); // an answer was lost on its way, or a day went by
      } else {
        this.refused(answer);
      }
    }
    return sent.id;
  }

  /** The upload to go on with: one from before whose bytes are this file's, else a new one. */
  private async goOn(file: File, signal: AbortSignal): Promise<Sent> {
    for (const one of this.known.filter(({ name, bytes }) => bytes === file.size && name === nameOf(file))) {
      const answer = await this.patiently(file, signal, () => send("HEAD", one.url, {}, null, signal));
      if (answer.status !== 200) continue;
      const received = Number(answer.get("Upload-Offset"));
      if (received > 0) this.say("comparing");
      this.chain = await this.chainOf(file, received, signal);
      if (hex(this.chain) !== answer.get("Beffroi-Chain")) continue; // another file of the same name and length
      this.offset = received;
      return one;
    }
    return this.begin(file, signal);
  }

  private async begin(file: File, signal: AbortSignal): Promise<Sent> {
    const name = base64(new TextEncoder().encode(nameOf(file)));
    const headers = { "Upload-Length": String(file.size), "Upload-Metadata": `filename ${name}` };
    const answer = await this.patiently(file, signal, () => send("POST", this.data.begin_url, headers, null, signal));
    if (answer.status !== 201) this.refused(answer);
    const url = answer.get("Location");
    const made = { url, id: url.split("/").at(-2) ?? "", name: nameOf(file), bytes: file.size };
    this.known.unshift(made);
    this.chain = START;
    this.offset = 0;
    return made;
  }

  private async chainOf(file: File, bytes: number, signal: AbortSignal): Promise<Uint8Array> {
    let chain: Uint8Array = START;
    for (let at = 0; at < bytes; at += this.data.part_bytes) {
      if (signal.aborted) throw new Stopped();
      const part = file.slice(at, Math.min(at + this.data.part_bytes, bytes));
      chain = await chained(chain, await sha256(await part.arrayBuffer()));
    }
    return chain;
  }

  /** Try until somebody answers; a centre that is not there now is waited for. */
  private async patiently(file: File, signal: AbortSignal, attempt: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      const answer = await attempt();
      if (answer.status !== 0 && (answer.status < 500 || answer.why !== "")) return answer;
      this.say("cut", file);
      await pause(WAIT_MS[Math.min(tries, WAIT_MS.length - 1)] ?? 0, signal);
    }
  }

  private refused(answer: Answer): never {
    if (answer.status === 401) this.say("signed_out");
    else this.say("refused", undefined, answer.why || String(answer.status));
    throw new Refused();
  }

  /** The bar moves with every byte; what is read aloud only each ten per cent. */
  private show(file: File, bytes: number): void {
    const percent = Math.floor((100 * bytes) / file.size);
    this.bar.value = percent;
    if (percent - this.said < SAY_EACH_PERCENT && this.said >= 0) return;
    this.said = percent;
    this.say("sending", file, "", bytes);
  }

  private say(key: string, file?: File, why = "", bytes = this.offset): void {
    const megabytes = (count: number): string =>
      (count / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    const size = file?.size ?? 1;
    this.state.textContent = text(this.data.texts, key, {
      done: megabytes(bytes),
      whole: megabytes(size),
      percent: String(Math.floor((100 * bytes) / size)),
      why,
    });
    if (key === "cut") this.said = -1;
  }
}

/** As the centre keeps it: no run of spaces, two hundred letters. */
function nameOf(file: File): string {
  return [...file.name.split(/\s+/).filter(Boolean).join(" ")].slice(0, 200).join("") || "export";
}

/** Wait, but not longer than until the line is back. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      if (signal.aborted) reject(new Stopped());
      else resolve();
    };
    const timer = window.setTimeout(over, milliseconds);
    window.addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}

/** Take the form over where the browser can work digests out; else it stays as it is. */
export function mount(element: HTMLElement, data: unknown): void {
  if (element instanceof HTMLFormElement && globalThis.crypto?.subtle !== undefined) {
    new Upload(element, data as UploadData);
  }
}
