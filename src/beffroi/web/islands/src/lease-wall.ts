// On the front's own page while the office is down: the wall of whoever holds a shift lease; reloads when it is back.
import { type Texts, ask, leasedCameras, make } from "./door";
import { mount as mountLive } from "./live";

const PATIENCE_MS = 3_000;

/** Mount; without a lease the section stays hidden and the page only waits. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const texts = (data as { texts?: Texts } | undefined)?.texts ?? {};
  const cameras = leasedCameras();
  const tiles = element.querySelector<HTMLElement>('[data-part="tiles"]') ?? element;
  const leave = cameras.map((camera) => {
    const tile = make("div", "live-tile");
    tiles.append(tile);
    return mountLive(tile, { camera, title: camera, ticket_url: "", stream: "sub", texts });
  });
  element.hidden = cameras.length === 0;
  const timer = window.setInterval(() => {
    void ask<{ silent: boolean }>("/door/office")
      .then((office) => {
        if (!office.silent) location.reload();
      })
      .catch(() => undefined);
  }, PATIENCE_MS);
  return () => {
    window.clearInterval(timer);
    for (const one of leave) one();
  };
}
