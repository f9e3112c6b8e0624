"""How the streets of the centre are drawn: square, school, main street, market hall."""

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
    ROSE,
    SAND,
    SLATE,
    STONE,
    TILE,
    TILE_DARK,
    WHITE,
    WIDTH,
    Canvas,
    shade,
)


def town_hall(c: Canvas) -> None:
    """The square with the belfry, under which the town hall stands."""
    c.sky(190)
    c.cloud(150, 52, 30)
    c.cloud(640, 84, 24)
    c.house(-30, 236, 120, 104, OCHRE, columns=3, lit=(1,), shop="BOULANGERIE")
    c.house(94, 232, 92, 92, CREAM, SLATE, columns=2)
    c.house(576, 232, 98, 96, ROSE, columns=3, lit=(0,))
    c.house(676, 236, 116, 110, SAND, SLATE, columns=3, lit=(0, 4), shop="LE BEFFROI")
    c.house(206, 240, 350, 116, STONE, SLATE, columns=9, lit=(1, 2, 6), chimney=False, shutter=None)
    c.rect(344, 54, 74, 190, shade(STONE, 1.05))
    c.rect(344, 54, 7, 190, shade(STONE, 0.9))
    c.rect(340, 118, 82, 5, shade(STONE, 0.8))
    c.poly([(336, 56), (381, 2), (426, 56)], SLATE)
    c.line([(381, 4), (381, -6)], "#3b4250", 2)
    c.rect(362, 62, 38, 14, "#4a4f58")
    c.disc(381, 98, 17, 17, WHITE)
    c.disc(381, 98, 14.5, 14.5, "#f7efd8")
    c.line([(381, 98), (381, 87)], "#30343a", 1.6)
    c.line([(381, 98), (389, 102)], "#30343a", 1.6)
    c.rect(364, 190, 34, 54, "#5a4034")
    c.text(381, 168, "MAIRIE", 12, "#5a5144")
    for x, colour in ((350, "#31509c"), (356, "#f4f1ea"), (362, "#c8414b")):
        c.rect(x + 22, 138, 6, 15, colour)
    c.poly([(0, 240), (WIDTH, 240), (WIDTH, HEIGHT), (0, HEIGHT)], PAVEMENT)
    for y, tone in ((252, 0.985), (274, 0.97), (306, 0.955), (350, 0.94)):
        c.rect(0, y, WIDTH, HEIGHT - y, shade(PAVEMENT, tone))
    c.poly([(0, 338), (WIDTH, 316), (WIDTH, 372), (0, HEIGHT)], ROAD)
    c.crossing([(456, 322), (556, 320), (600, 380), (484, 386)], 6)
    for x, y, s in ((120, 262, 92), (640, 262, 96), (214, 254, 66), (560, 254, 66)):
        c.disc(x, y, s * 0.24, 5, KERB)
        c.tree(x, y, s)
    for x in (268, 470):
        c.rect(x, 268, 44, 4, "#7a5a3c")
        c.rect(x + 4, 272, 3, 8, "#4d4f55")
        c.rect(x + 37, 272, 3, 8, "#4d4f55")
    c.lamp(318, 286, 104)
    c.lamp(598, 300, 118)


def school(c: Canvas) -> None:
    """The school behind its fence, gate and crossing."""
    c.sky(180)
    c.cloud(560, 48, 28)
    c.house(-40, 246, 150, 92, SAND, columns=3, lit=(1,))
    c.tree(146, 250, 118, LEAF_DARK)
    c.house(170, 248, 440, 112, "#e9d8bb", TILE, columns=10, shutter=None, lit=(2, 3), chimney=False)
    c.rect(340, 112, 100, 138, "#efe2c9")
    c.poly([(332, 114), (390, 74), (448, 114)], TILE_DARK)
    c.text(390, 130, "ÉCOLE", 15, "#7b4a3a")
    c.rect(366, 186, 48, 62, "#6d87a0")
    c.rect(389, 186, 2, 62, WHITE)
    c.windows.append((366, 150, 48, 20))
    c.rect(366, 150, 48, 20, "#7e95a8")
    c.rect(0, 248, WIDTH, 40, shade(GRASS, 1.06))
    c.poly([(352, 248), (428, 248), (470, 290), (310, 290)], SAND)
    c.tree(660, 262, 128)
    c.tree(732, 256, 96, LEAF_DARK)
    for x in range(0, WIDTH, 12):
        if not 306 < x < 470:
            c.rect(x, 252, 2, 38, "#48617a")
    for y in (256, 284):
        c.rect(0, y, 306, 2.5, "#48617a")
        c.rect(472, y, 300, 2.5, "#48617a")
    for x in (302, 468):
        c.rect(x, 240, 10, 52, "#c9b795")
        c.rect(x - 2, 237, 14, 4, "#a8977a")
    c.rect(0, 290, WIDTH, 26, PAVEMENT)
    c.rect(0, 314, WIDTH, 3, KERB)
    c.rect(0, 317, WIDTH, 60, ROAD)
    c.crossing([(320, 318), (456, 318), (484, 376), (300, 376)], 7)
    c.rect(0, 377, WIDTH, 23, shade(PAVEMENT, 0.95))
    c.rect(232, 232, 3, 62, "#8a8d92")
    c.poly([(233, 212), (247, 236), (219, 236)], "#c8414b")
    c.poly([(233, 218), (242, 233), (224, 233)], WHITE)
    c.lamp(560, 294, 122)
    c.lamp(120, 294, 122)


def main_street(c: Canvas) -> None:
    """The street that leads to the belfry."""
    c.sky(210)
    c.cloud(380, 40, 26)
    c.rect(330, 176, 108, 40, shade(LEAF, 0.95))
    c.house(346, 222, 72, 46, STONE, SLATE, columns=3, chimney=False)
    c.rect(374, 108, 18, 112, shade(STONE, 1.03))
    c.poly([(371, 110), (383, 76), (395, 110)], SLATE)
    c.poly([(0, HEIGHT), (330, 218), (436, 218), (WIDTH, HEIGHT)], PAVEMENT)
    c.poly([(118, HEIGHT), (352, 218), (414, 218), (648, HEIGHT)], ROAD)
    c.poly([(110, HEIGHT), (350, 218), (353, 218), (122, HEIGHT)], KERB)
    c.poly([(656, HEIGHT), (416, 218), (413, 218), (644, HEIGHT)], KERB)
    left = [((-60, 452, 40), (70, 366, 76)), ((70, 366, 58), (162, 312, 106)), ((162, 312, 116), (228, 273, 146)),
            ((228, 273, 138), (284, 243, 166)), ((284, 243, 172), (334, 219, 186))]  # fmt: skip
    looks = [(OCHRE, TILE, None, (1, 4)), (CREAM, SLATE, "#9b4a52", (3,)), (ROSE, TILE_DARK, None, (4,)),
             (SAND, TILE, "#3f6f62", (3, 5)), (STONE, SLATE, None, ())]  # fmt: skip
    for (near, far), (wall, roof, awning, lit) in reversed(list(zip(left, looks, strict=True))):
        c.facade(near, far, wall, roof, lit=lit, awning=awning)
    for (near, far), (wall, roof, awning, lit) in reversed(list(zip(left, looks[2:] + looks[:2], strict=True))):
        mirrored = tuple((WIDTH - x, base, top + 6) for x, base, top in (near, far))
        c.facade(mirrored[0], mirrored[1], shade(wall, 0.92), roof, lit=lit, awning=awning)
    c.crossing([(328, 262), (438, 262), (460, 284), (306, 284)], 7)
    for n in range(6):
        y = 236 + n * n * 5.4
        c.poly([(382 - n * 0.7, y), (384 + n * 0.7, y), (384.5 + n, y + 4 + n * 3), (381.5 - n, y + 4 + n * 3)], WHITE)
    c.lamp(192, 332, 150)
    c.lamp(566, 330, 150)
    c.lamp(306, 256, 66)


def market_hall(c: Canvas) -> None:
    """The timber market hall; its pillars stand in front of those who pass."""
    c.sky(180)
    c.cloud(90, 46, 24)
    c.house(-20, 240, 130, 96, CREAM, TILE, columns=3, lit=(2,))
    c.house(660, 240, 130, 100, OCHRE, TILE_DARK, columns=3, lit=(0,), shop="TABAC PRESSE")
    c.rect(0, 236, WIDTH, 164, shade(PAVEMENT, 0.97))
    for y in (250, 272, 302, 344):
        c.rect(0, y, WIDTH, 1.4, shade(PAVEMENT, 0.9))
    c.rect(128, 170, 512, 82, "#6a5a4b")
    for x in (150, 250, 350, 450, 550):
        c.rect(x, 186, 66, 52, "#7d6c5a")
    for n, (x, colour) in enumerate(((168, "#b8524e"), (300, "#d8a64a"), (432, "#5a8a68"), (540, "#5675a0"))):
        c.rect(x, 224, 72, 22, shade("#a07b54", 1 - n * 0.03))
        for k in range(6):
            c.rect(x + k * 12, 210, 12, 9, colour if k % 2 else WHITE)
        for k in range(5):
            c.disc(x + 9 + k * 13, 223, 5, 4, ("#c9483f", "#e0a93c", "#6f9a4a", "#d9734a", "#8c5a86")[k])
    c.poly([(96, 172), (176, 62), (592, 62), (672, 172)], TILE)
    c.poly([(96, 172), (116, 146), (652, 146), (672, 172)], shade(TILE, 0.88))
    for n in range(1, 7):
        y = 62 + n * 15
        c.line([(176 - n * 10.9, y), (592 + n * 10.9, y)], shade(TILE, 0.93), 1.2)
    c.rect(90, 170, 588, 9, "#5b4433")
    c.rect(364, 30, 40, 34, "#6b5240")
    c.poly([(358, 32), (384, 6), (410, 32)], SLATE)
    c.in_front = True
    for x in (112, 244, 376, 508, 640):
        c.poly([(x - 7, 268), (x + 7, 268), (x + 5, 178), (x - 5, 178)], "#6b4d38")
        c.rect(x - 10, 262, 20, 9, "#a39a8a")
        c.poly([(x - 5, 202), (x - 26, 179), (x - 20, 179), (x - 5, 194)], "#5f4431")
        c.poly([(x + 5, 202), (x + 26, 179), (x + 20, 179), (x + 5, 194)], "#5f4431")
    c.in_front = False
    c.poly([(0, 366), (WIDTH, 352), (WIDTH, HEIGHT), (0, HEIGHT)], ROAD)
    c.tree(60, 292, 110)
    c.lamp(706, 300, 128)
    c.lamps.extend(((250, 190, 70), (510, 190, 70)))
