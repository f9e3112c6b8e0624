// The one script of every page: htmx, and the islands the page asks for by data-island="name".
// An island's data stands in a json_script element that data-island-data names. No island holds a word of text:
// what it shows comes with its data, in the user's language.

import htmx from "htmx.org";
import { serveMenu } from "./menu";
import { islands } from "./registry";

type Dispose = () => void;

const alive = new WeakMap<Element, Dispose>();
const mounted = new WeakSet<Element>();

function dataOf(element: HTMLElement): unknown {
  const id = element.dataset["islandData"];
  const source = id === undefined ? null : document.getElementById(id);
  return source?.textContent ? JSON.parse(source.textContent) : null;
}

async function bring(element: HTMLElement): Promise<void> {
  if (mounted.has(element)) {
    return;
  }
  mounted.add(element);
  const name = element.dataset["island"] ?? "";
  const load = islands[name];
  if (load === undefined) {
    throw new Error(`there is no island named ${name}`);
  }
  const dispose = (await load()).mount(element, dataOf(element));
  if (dispose !== undefined) {
    alive.set(element, dispose);
  }
  element.dataset["islandReady"] = "";
}

function bringAll(root: ParentNode): void {
  if (root instanceof HTMLElement && root.dataset["island"] !== undefined) {
    void bring(root);
  }
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) {
    void bring(element);
  }
}

htmx.onLoad((element) => bringAll(element as HTMLElement));
htmx.on("htmx:beforeCleanupElement", (event) => {
  const element = event.target;
  if (element instanceof Element) {
    alive.get(element)?.();
    alive.delete(element);
  }
});

// An answer that is an error page is shown where the fragment would have stood, never swallowed.
htmx.on("htmx:beforeSwap", (event) => {
  const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>).detail;
  if ([403, 404, 409, 422].includes(detail.xhr.status)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

bringAll(document);

document.querySelectorAll<HTMLElement>(".site-nav").forEach(serveMenu);
