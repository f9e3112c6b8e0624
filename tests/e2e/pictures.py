"""Whether a picture on a page really moves: time goes on and decoded pixels change."""

from playwright.sync_api import Error, Page

from tests.waiting import until

_PIXELS = """(place) => {
  const video = document.querySelector(place);
  if (!video || video.readyState < 2 || !video.videoWidth) return '';
  const canvas = document.createElement('canvas');
  canvas.width = 96; canvas.height = 54;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 96, 54);
  return Array.from(pen.getImageData(0, 0, 96, 54).data).join();
}"""
_TIME = "(place) => document.querySelector(place)?.currentTime ?? 0"


def moving(page: Page, place: str = "video", *, timeout: float = 40) -> None:
    """Fail unless the video at ``place`` advances and its decoded pixels change and are not of one colour."""
    page.locator(place).first.wait_for(state="attached", timeout=timeout * 1_000)

    def picture() -> str:
        """Nothing while the decoder has not painted yet: that is one flat colour."""
        seen = str(page.evaluate(_PIXELS, place))
        return seen if len(set(seen.split(","))) > 16 else ""

    first = until(picture, timeout, f"a picture of more than one colour in {place}")
    begun = page.evaluate(_TIME, place)
    until(
        lambda: page.evaluate(_TIME, place) > begun + 1 and page.evaluate(_PIXELS, place) not in ("", first),
        timeout,
        f"{place} moves on from {begun}",
    )


def dark(page: Page, place: str = "video") -> bool:
    """Whether nothing at all can be seen at ``place``; not known while the page makes way for another."""
    try:
        return bool(page.evaluate(_PIXELS, place) == "")
    except Error:
        return False
