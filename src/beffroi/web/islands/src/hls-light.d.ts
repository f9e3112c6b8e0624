// hls.js ships one declaration for both of its builds; the light one lacks only what we never use (DRM, subtitles).
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
