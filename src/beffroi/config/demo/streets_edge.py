"""How the streets at the edge are drawn: bridge, station, car park, town entrance."""

from beffroi.config.demo.drawing import (
    CREAM,
    GRASS,
    HEIGHT,
    KERB,
    LEAF,
    LEAF_DARK,
    OCHRE,
    PAVEMENT,
    ROAD,
    ROAD_EDGE,
    ROSE,
    SAND,
    SLATE,
    STONE,
    TILE,
    WHITE,
    WIDTH,
    ZINC,
    Canvas,
    shade,
)


def bridge(c: Canvas) -> None:
    """The road over the bridge; its parapet hides feet."""
    c.sky(170)
    c.cloud(610, 40, 30)
    c.cloud(240, 66, 20)
    c.poly([(0, 172), (150, 138), (330, 158), (520, 128), (WIDTH, 162), (WIDTH, 220), (0, 220)], "#a9c08d")
    c.house(46, 214, 82, 58, CREAM, TILE, columns=2, lit=(1,))
    c.house(132, 216, 96, 66, ROSE, SLATE, columns=3, lit=(0,))
    c.house(590, 214, 100, 64, OCHRE, TILE, columns=3, lit=(2,))
    for x, s in ((262, 70), (318, 58), (452, 64), (520, 76), (716, 92)):
        c.tree(x, 220, s, LEAF_DARK if s % 3 else LEAF)
    c.rect(0, 214, WIDTH, 8, shade(GRASS, 0.95))
    c.rect(0, 222, WIDTH, 16, PAVEMENT)
    c.rect(0, 238, WIDTH, 44, ROAD)
    c.rect(0, 238, WIDTH, 2, KERB)
    for x in range(10, WIDTH, 70):
        c.rect(x, 258, 34, 2.4, WHITE)
    c.rect(0, 280, WIDTH, 12, PAVEMENT)
    c.in_front = True
    c.rect(0, 292, WIDTH, 16, "#cdbfa6")
    c.rect(0, 289, WIDTH, 5, "#b7a98f")
    c.in_front = False
    c.rect(0, 308, WIDTH, 92, "#b9aa8e")
    for n in range(12):
        c.rect(n * 68 + (n % 2) * 20, 316 + (n % 3) * 5, 26, 4, "#ab9c80")
    for x in (-60, 190, 440, 690):
        c.poly(
            [
                (x + 2, HEIGHT),
                (x + 2, 356),
                (x + 40, 326),
                (x + 90, 316),
                (x + 140, 326),
                (x + 178, 356),
                (x + 178, HEIGHT),
            ],
            "#98896f",
        )
        c.poly(
            [
                (x + 12, HEIGHT),
                (x + 12, 360),
                (x + 46, 334),
                (x + 90, 325),
                (x + 134, 334),
                (x + 168, 360),
                (x + 168, HEIGHT),
            ],
            "#5c8296",
        )
    c.rect(0, 384, WIDTH, 16, "#6d98ab")
    for x in (40, 180, 300, 470, 600, 700):
        c.rect(x, 389, 46, 2, "#8db4c2")
    c.lamp(150, 238, 92)
    c.lamp(400, 238, 92)
    c.lamp(650, 238, 92)


def station(c: Canvas) -> None:
    """Platform and track."""
    c.sky(190)
    c.cloud(150, 50, 26)
    c.cloud(500, 74, 20)
    for x, s in ((20, 84), (90, 70), (690, 86), (744, 72)):
        c.tree(x, 226, s, LEAF_DARK)
    c.house(180, 236, 400, 92, "#e8d5b8", SLATE, columns=9, shutter="#8a5a4a", lit=(1, 7), chimney=False)
    c.house(310, 238, 140, 128, "#f0e2c8", SLATE, columns=3, shutter=None, lit=(1,), chimney=False)
    c.disc(380, 96, 15, 15, WHITE)
    c.disc(380, 96, 12.5, 12.5, "#30343a")
    c.disc(380, 96, 11, 11, WHITE)
    c.line([(380, 96), (380, 88)], "#30343a", 1.5)
    c.line([(380, 96), (374, 99)], "#30343a", 1.5)
    c.rect(196, 188, 368, 6, ZINC)
    for x in range(206, 560, 44):
        c.rect(x, 194, 3, 46, "#5f6a75")
    c.rect(320, 172, 120, 14, "#31509c")
    c.text(380, 179, "SAINT-AUBIN", 10.5, WHITE)
    c.rect(0, 236, WIDTH, 34, "#cfc8bc")
    c.rect(0, 266, WIDTH, 3, WHITE)
    c.rect(0, 270, WIDTH, 10, "#8d877c")
    c.rect(0, 280, WIDTH, 60, "#a3978a")
    for x in range(-8, WIDTH, 26):
        c.poly([(x, 330), (x + 14, 330), (x + 18, 290), (x + 6, 290)], "#776a5c")
    c.rect(0, 294, WIDTH, 3, "#5d6168")
    c.rect(0, 322, WIDTH, 4, "#5d6168")
    c.rect(0, 340, WIDTH, 12, "#8d877c")
    c.rect(0, 352, WIDTH, 3, WHITE)
    c.rect(0, 355, WIDTH, 45, "#cfc8bc")
    for x in (96, 640):
        c.rect(x, 246, 46, 4, "#7a5a3c")
        c.rect(x + 5, 250, 3, 8, "#4d4f55")
        c.rect(x + 38, 250, 3, 8, "#4d4f55")
    c.lamp(160, 262, 96)
    c.lamp(606, 262, 96)


def _parked(c: Canvas, x: float, y: float, size: float, colour: str) -> None:
    """A parked car seen from behind, wheels at ``y``."""
    c.disc(x, y, size * 0.52, size * 0.08, shade(ROAD, 0.8))
    for dx in (-0.36, 0.26):
        c.rect(x + dx * size, y - size * 0.16, size * 0.12, size * 0.18, "#2e3136")
    c.poly([(x - size * 0.36, y - size * 0.44), (x - size * 0.26, y - size * 0.74), (x + size * 0.26, y - size * 0.74),
            (x + size * 0.36, y - size * 0.44)], shade(colour, 0.9))  # fmt: skip
    c.poly([(x - size * 0.29, y - size * 0.46), (x - size * 0.22, y - size * 0.68), (x + size * 0.22, y - size * 0.68),
            (x + size * 0.29, y - size * 0.46)], "#4d5f6e")  # fmt: skip
    c.rect(x - size * 0.45, y - size * 0.46, size * 0.9, size * 0.36, colour)
    for dx in (-0.43, 0.31):
        c.rect(x + dx * size, y - size * 0.4, size * 0.12, size * 0.09, "#b5393c")
    c.rect(x - size * 0.12, y - size * 0.26, size * 0.24, size * 0.07, WHITE)


def car_park(c: Canvas) -> None:
    """The car park of the village hall."""
    c.sky(170)
    c.cloud(420, 44, 30)
    c.poly([(0, 176), (200, 150), (460, 166), (WIDTH, 144), (WIDTH, 214), (0, 214)], "#a9c08d")
    c.house(40, 214, 96, 64, CREAM, TILE, columns=3, lit=(1,))
    c.house(480, 214, 210, 70, "#d8d3c8", ZINC, columns=5, floors=1, shutter=None, lit=(1,), chimney=False)
    for x, s in ((176, 86), (232, 74), (300, 92), (366, 78), (430, 88), (726, 96)):
        c.tree(x, 220, s, LEAF if s % 4 else LEAF_DARK)
    c.rect(0, 212, WIDTH, 14, shade(GRASS, 0.95))
    c.rect(0, 226, WIDTH, 174, ROAD)
    c.poly([(0, 286), (WIDTH, 286), (WIDTH, 330), (0, 330)], shade(ROAD, 0.94))
    for n in range(12):
        c.poly([(20 + n * 66, 230), (22.5 + n * 66, 230), (12 + n * 68, 280), (9 + n * 68, 280)], WHITE)
    for n in range(9):
        c.poly([(14 + n * 94, 338), (18 + n * 94, 338), (2 + n * 98, HEIGHT), (-3 + n * 98, HEIGHT)], WHITE)
    colours = ("#9a3f3f", "#e8e6e1", "#3f5f86", "#55585e", "#b9bdc3", "#2f6d62", "#c79a3c")
    for n in (0, 1, 3, 4, 6, 8, 9):
        _parked(c, 50 + n * 67, 274, 46, colours[n % 7])
    c.in_front = True
    for n in (0, 2, 3, 6):
        _parked(c, 60 + n * 97, 396, 74, colours[(n + 3) % 7])
    c.in_front = False
    c.rect(708, 236, 4, 70, "#8a8d92")
    c.rect(694, 214, 32, 32, "#31509c")
    c.text(710, 230, "P", 24, WHITE)
    c.lamp(352, 288, 128)
    c.lamp(120, 288, 128)
    c.lamp(620, 288, 128)


def town_entrance(c: Canvas) -> None:
    """The road into town, with the sign."""
    c.sky(200)
    c.cloud(120, 60, 32)
    c.cloud(520, 40, 26)
    c.poly([(0, 206), (160, 178), (380, 196), (600, 170), (WIDTH, 190), (WIDTH, 232), (0, 232)], "#9fb884")
    c.poly([(0, 222), (WIDTH, 222), (WIDTH, HEIGHT), (0, HEIGHT)], GRASS)
    c.poly([(0, 240), (300, 224), (330, 224), (0, 330)], "#d6c27e")
    c.poly([(0, 330), (0, 292), (352, 224), (360, 224)], "#c6b36f")
    c.poly([(WIDTH, 250), (470, 224), (440, 224), (WIDTH, 320)], "#a8bf72")
    for x, y, s in ((28, 236, 62), (80, 232, 50), (690, 240, 80), (742, 246, 96), (560, 228, 44), (604, 230, 52)):
        c.tree(x, y, s, LEAF_DARK if s % 3 else LEAF)
    c.house(196, 228, 62, 40, CREAM, TILE, columns=2, lit=(0,))
    c.house(268, 226, 44, 30, SAND, SLATE, columns=2)
    c.rect(322, 176, 8, 46, STONE)
    c.poly([(319, 178), (326, 160), (333, 178)], SLATE)
    c.poly([(150, HEIGHT), (372, 224), (398, 224), (640, HEIGHT)], ROAD)
    c.poly([(140, HEIGHT), (370, 224), (373, 224), (160, HEIGHT)], ROAD_EDGE)
    c.poly([(650, HEIGHT), (400, 224), (397, 224), (630, HEIGHT)], ROAD_EDGE)
    for n in range(7):
        top = 232 + n * n * 4.2
        c.poly(
            [
                (384.6 + n * 0.8, top),
                (385.8 + n * 1.4, top),
                (386.4 + n * 2.2, top + 4 + n * 2.4),
                (384.4 + n * 1.4, top + 4 + n * 2.4),
            ],
            WHITE,
        )
    c.poly([(640, HEIGHT), (420, 236), (428, 236), (720, HEIGHT)], shade(PAVEMENT, 0.96))
    for x in (560, 700):
        c.rect(x, 240, 4, 86, "#8a8d92")
    c.rect(536, 206, 196, 46, "#c8414b")
    c.rect(540, 210, 188, 38, WHITE)
    c.text(634, 229, "SAINT-AUBIN-DU-BEFFROI", 13.6, "#25282d")
    c.rect(596, 256, 78, 20, "#f0d34d")
    c.text(635, 266, "D 12", 12, "#25282d")
    c.lamp(486, 300, 126)
    c.lamp(226, 330, 150)
