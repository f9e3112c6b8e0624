"""The floor plans of the demonstration's school: two storeys and the grounds, drawn here, with what stands on them."""

from html import escape

from beffroi.safety.core.plan_levels import DirectoryEntry, Level, Mark, MarkKind

WIDTH, HEIGHT = 1_000, 640
_SIDE, _ROOM_TALL, _TOP = 230, 170, 60
_NAMES = ("rez-de-chaussée", "étage", "extérieurs")

DIRECTORY = (
    DirectoryEntry("secours", "Secours", "17, 18, 15, 112, 114 par SMS", "112", confidential=False),
    DirectoryEntry("ligne", "Ligne directe de l’école", "bureau de direction", "01 99 00 00 40", confidential=False),
    DirectoryEntry("astreinte", "Astreinte de la mairie", "élu de permanence", "01 99 00 00 11"),
    DirectoryEntry("rectorat", "Cellule de crise du rectorat", "astreinte", "01 99 00 00 70"),
    DirectoryEntry("prefecture", "Service de la protection civile", "préfecture", "01 99 00 00 80"),
    DirectoryEntry("ien", "Inspection de circonscription", "secrétariat", "01 99 00 00 75"),
)


def _rooms(level: str) -> dict[str, tuple[int, int]]:
    """Upper left corners of the rooms of a storey: four above the corridor, four below."""
    numbers = [f"salle-{n}" for n in (range(1, 9) if level == _NAMES[0] else range(9, 13))]
    return {name: (30 + (at % 4) * (_SIDE + 5), _TOP if at < 4 else 380) for at, name in enumerate(numbers)}


def drawing(level: str) -> bytes:
    """The drawing of a level as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfaf6"/>',
        f'<text x="30" y="40" font-size="26" font-family="sans-serif">{escape(level)}</text>',
    ]
    if level == _NAMES[2]:
        parts += [
            '<rect x="60" y="90" width="520" height="300" fill="#e6e2d6" stroke="#333" stroke-width="4"/>',
            '<text x="230" y="250" font-size="28" font-family="sans-serif">École</text>',
            '<rect x="650" y="90" width="300" height="420" fill="#dbe8d2" stroke="#333" stroke-width="2"/>',
            '<text x="710" y="300" font-size="24" font-family="sans-serif">Stade municipal</text>',
            '<path d="M0 560 H1000" stroke="#999" stroke-width="60"/>',
            '<text x="60" y="570" font-size="22" font-family="sans-serif" fill="#fff">rue des Tilleuls</text>',
        ]
    for name, (x, y) in _rooms(level).items() if level != _NAMES[2] else ():
        parts.append(
            f'<rect x="{x}" y="{y}" width="{_SIDE}" height="{_ROOM_TALL}" fill="#fff" stroke="#333" stroke-width="3"/>'
            f'<text x="{x + 12}" y="{y + 28}" font-size="20" font-family="sans-serif">{name.replace("-", " ")}</text>'
        )
    if level == _NAMES[0]:
        for name, x in (("bureau", 30), ("restaurant", 265)):
            parts.append(f'<rect x="{x}" y="560" width="230" height="60" fill="#fff" stroke="#333" stroke-width="3"/>')
            parts.append(f'<text x="{x + 12}" y="598" font-size="20" font-family="sans-serif">{name}</text>')
    if level == _NAMES[1]:
        parts.append('<rect x="30" y="380" width="935" height="170" fill="#fff" stroke="#333" stroke-width="3"/>')
        parts.append('<text x="42" y="410" font-size="20" font-family="sans-serif">bibliothèque, couloir nord</text>')
    return ("".join(parts) + "</svg>").encode()


def levels(digests: dict[str, str]) -> tuple[Level, ...]:
    """The three levels with their marks; ``digests`` names the kept drawing of each."""
    return tuple(
        Level(key, name, digests[name], WIDTH, HEIGHT, _marks(name))
        for key, name in zip(("rdc", "etage", "exterieurs"), _NAMES, strict=True)
    )


def names() -> tuple[str, ...]:
    """The names of the levels."""
    return _NAMES


def _marks(level: str) -> tuple[Mark, ...]:
    rooms = [
        _mark(MarkKind.ROOM, x + _SIDE / 2, y + _ROOM_TALL / 2, ref=name)
        for name, (x, y) in (_rooms(level) if level != _NAMES[2] else {}).items()
    ]
    others = {
        _NAMES[0]: [
            _mark(MarkKind.SAFETY_ZONE, 145, 300, ref="zms-1"),
            _mark(MarkKind.ROOM, 220, 590, ref="bureau"),
            _mark(MarkKind.ROOM, 455, 590, ref="cantine"),
            _mark(MarkKind.FOOT_ACCESS, 20, 300, label="entrée principale"),
            _mark(MarkKind.EMERGENCY_EXIT, 980, 300),
            _mark(MarkKind.ELECTRICITY, 540, 590, label="armoire du hall"),
            _mark(MarkKind.GAS, 600, 590, label="chaufferie"),
            _mark(MarkKind.WATER, 660, 590, label="regard du hall"),
            _mark(MarkKind.VENTILATION, 720, 590, label="local technique"),
            _mark(MarkKind.TRIGGER, 250, 300, label="boîtier d’alerte"),
            _mark(MarkKind.KIT, 320, 300, label="mallette"),
        ],
        _NAMES[1]: [
            _mark(MarkKind.SAFETY_ZONE, 500, 470, ref="zms-2", confidential=True),
            _mark(MarkKind.SAFETY_ZONE, 500, 300, ref="zms-3"),
            _mark(MarkKind.EMERGENCY_EXIT, 980, 300, label="escalier extérieur"),
        ],
        _NAMES[2]: [
            _mark(MarkKind.ASSEMBLY_POINT, 800, 360, ref="rassemblement"),
            _mark(MarkKind.VEHICLE_ACCESS, 480, 530, label="portail, rue des Tilleuls"),
            _mark(MarkKind.RESPONDERS, 560, 480, label="loge"),
        ],
    }
    placed = [*rooms, *others[level]]
    return tuple(_named(number, mark) for number, mark in enumerate(placed, start=1))


def _mark(kind: MarkKind, x: float, y: float, *, label: str = "", ref: str = "", confidential: bool = False) -> Mark:
    return Mark("", kind, x / WIDTH, y / HEIGHT, label, ref, confidential)


def _named(number: int, mark: Mark) -> Mark:
    return Mark(f"{mark.kind.value}-{number}", mark.kind, mark.x, mark.y, mark.label, mark.ref, mark.confidential)
