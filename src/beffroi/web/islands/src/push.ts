// Lets this browser ring for alerts: asks for leave, starts the service worker, subscribes with the centre's own key
// and gives the subscription to the office. What goes wrong is said in the page.

import { ask } from "./door";

interface Data {
  worker: string;
  key: string;
  url: string;
  texts: { ask: string; done: string; denied: string; impossible: string; failed: string };
}

export function mount(element: HTMLElement, given: unknown): () => void {
  const data = given as Data;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button primary";
  button.textContent = data.texts.ask;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  element.replaceChildren(button, said);
  const possible = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!possible) {
    button.disabled = true;
    said.textContent = data.texts.impossible;
  }
  const click = (): void => {
    button.disabled = true;
    subscribe(data).then(
      () => {
        said.textContent = data.texts.done;
        element.dataset["state"] = "subscribed";
      },
      (error: unknown) => {
        button.disabled = false;
        said.textContent = error instanceof Denied ? data.texts.denied : data.texts.failed;
      },
    );
  };
  button.addEventListener("click", click);
  return () => button.removeEventListener("click", click);
}

class Denied extends Error {}

async function subscribe(data: Data): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Denied();
  await navigator.serviceWorker.register(data.worker);
  const registration = await activated(data.worker);
  const old = await registration.pushManager.getSubscription();
  await old?.unsubscribe(); // it may have been made with another centre's key
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: data.key });
  await ask(data.url, made.toJSON());
}

/** The registration once its worker is active: before that a browser refuses to subscribe. */
async function activated(worker: string): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.getRegistration(worker);
  if (registration === undefined) throw new Error("no service worker");
  const coming = registration.installing ?? registration.waiting;
  if (coming !== null && registration.active === null) {
    await new Promise<void>((done) => {
      coming.addEventListener("statechange", () => {
        if (coming.state === "activated") done();
      });
    });
  }
  return registration;
}
