// The large picture of one camera: opens the shift's live grant, then plays.
import { type Texts, Refused, ask, keepLease } from "./door";
import { mount as mountLive } from "./live";

interface DeskLiveData {
  readonly camera: string;
  readonly title: string;
  readonly urls: { readonly look: string; readonly lease: string };
  readonly words: Texts;
  readonly texts: Texts;
}

/** Mount; the look is opened by a POST, never by reading the page. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const { camera, title, urls, words, texts } = data as DeskLiveData;
  let leave: (() => void) | undefined;
  let gone = false;
  const say = (key: string): void => element.replaceChildren(words[key] ?? key);
  void ask<{ ticket_url: string; cameras: string[] }>(urls.look, {})
    .then((look) => {
      if (gone) return;
      if (!look.cameras.includes(camera)) {
        say("outsidePurpose");
        return;
      }
      leave = mountLive(element, { camera, title, ticket_url: look.ticket_url, stream: "main", texts });
      void keepLease(urls.lease).catch(() => undefined);
    })
    .catch((error: unknown) => say(error instanceof Refused && error.status > 0 ? "refused" : "officeDown"));
  return () => {
    gone = true;
    leave?.();
  };
}
