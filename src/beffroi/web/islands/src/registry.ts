// Which islands there are. One line each; the code is loaded when a page has one.

/** Brings an element to life with the data the page gave; returns what to do when the element goes. */
export type Mount = (element: HTMLElement, data: unknown) => void | (() => void);

export interface Island {
  mount: Mount;
}

export const islands: Record<string, () => Promise<Island>> = {
  alarm: () => import("./alarm"),
  "desk-live": () => import("./desk-live"),
  dialog: () => import("./dialog"),
  "lease-wall": () => import("./lease-wall"),
  lock: () => import("./lock"),
  live: () => import("./live"),
  place: () => import("./place"),
  package: () => import("./package"),
  passkey: () => import("./passkey"),
  push: () => import("./push"),
  replay: () => import("./replay"),
  together: () => import("./together"),
  mask: () => import("./mask"),
  map: () => import("./map"),
  steer: () => import("./steer"),
  "trial-picture": () => import("./trial-picture"),
  upload: () => import("./upload"),
  wall: () => import("./wall"),
};
