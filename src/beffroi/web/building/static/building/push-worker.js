// The service worker of the bell: shows what the centre pushes, and opens the alerts when it is touched.
"use strict";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  const [title, ...lines] = (event.data ? event.data.text() : "").split("\n");
  const drill = title.startsWith("EXERCICE") || title.startsWith("DRILL") || title.startsWith("ESSAI");
  event.waitUntil(
    self.registration.showNotification(title || "Beffroi", {
      body: lines.join("\n"),
      requireInteraction: !drill,
      vibrate: drill ? [200] : [600, 200, 600, 200, 600],
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow("/building/"));
});
