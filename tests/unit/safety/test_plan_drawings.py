"""Uploaded floor plans and sheets are hostile: what comes out is shapes, texts and numbers, or a clear no."""

import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from beffroi.kernel.errors import Invalid
from beffroi.safety.documents import drawings, sheets
from beffroi.safety.documents.drawings import read_drawing
from beffroi.safety.documents.sheets import read_headcounts

HOSTILE = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 400 200"
 onload="alert(1)"><script>alert(2)</script><style>rect{fill:url(http://x)}</style>
 <a xlink:href="javascript:alert(3)"><rect width="9" height="9"/></a><image href="http://evil/x.png"/>
 <use href="#r"/><foreignObject><body xmlns="http://www.w3.org/1999/xhtml">x</body></foreignObject>
 <rect id="r" width="100" height="50" fill="url(http://evil/)" stroke="red" style="fill:#fff;behavior:url(x)"
  onclick="x()"/>
 <animate attributeName="href" to="javascript:x"/><text x="5" y="5">Salle 1</text></svg>"""


def test_an_svg_becomes_shapes_and_texts_and_nothing_else() -> None:
    made = read_drawing(HOSTILE)
    assert (made.media_type, made.width, made.height) == ("image/svg+xml", 1000, 500)
    root = etree.fromstring(made.data)
    assert {etree.QName(one).localname for one in root.iter()} == {"svg", "rect", "text"}
    assert {key for one in root.iter() for key in one.attrib} <= drawings._NUMBERS | drawings._LOOKS
    for word in (b"script", b"href", b"url", b"onload", b"javascript", b"evil", b"alert"):
        assert word not in made.data
    assert b'fill="#fff"' in made.data
    assert b"Salle 1" in made.data
    assert made.left_out >= 7
    assert read_drawing(made.data).data == made.data, "what is clean stays as it is"


TAGS = st.sampled_from(["g", "rect", "script", "use", "a", "image", "style", "set", "text", "handler", "iframe"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["fill", "href", "onload", "style", "d", "transform", "xlink-href", "class", "id", "filter"]),
    st.sampled_from(["url(#x)", "javascript:alert(1)", "red", "M0 0h1", "data:text/html,x", "fill:url(//e)"]),
    max_size=4,
)  # fmt: skip


def _attributes(given: dict[str, str]) -> str:
    return " ".join(f'{key}="{value}"' for key, value in given.items())


@given(st.lists(st.tuples(TAGS, ATTRIBUTES), max_size=12))
def test_no_svg_keeps_what_acts_or_fetches(parts: list[tuple[str, dict[str, str]]]) -> None:
    inner = "".join(f"<{tag} {_attributes(given)}/>" for tag, given in parts)
    made = read_drawing(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inner}</svg>'.encode())
    for word in (b"script", b"href", b"url(", b"onload", b"data:", b"style", b"iframe", b"handler"):
        assert word not in made.data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html></html>",
        b"<svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1000000"/>',
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9">&a;</svg>',
        b"<svg viewBox='0 0 9 9'>" + b"<g>" * 100 + b"</g>" * 100 + b"</svg>",
        b"<svg viewBox='0 0 9 9'>" + b"<g/>" * 20_001 + b"</svg>",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"%PDF-1.7",
        bytes(drawings.MAX_BYTES + 1),
    ],
)
def test_what_is_no_drawing_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_drawing(data)


def _png(size: tuple[int, int], form: str = "PNG", **given: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, form, **given)
    return out.getvalue()


def test_an_image_is_drawn_anew_without_what_it_carried() -> None:
    exif = Image.Exif()
    exif[0x010E] = "somebody was here"
    made = read_drawing(_png((3000, 1500), "JPEG", exif=exif) + b"<script>trailing</script>")
    assert (made.media_type, made.width, made.height) == ("image/png", 2400, 1200)
    assert b"somebody" not in made.data
    assert b"script" not in made.data
    with pytest.raises(Invalid):
        read_drawing(_png((40_001, 1_000)))


def _xlsx(rows: list[list[object]]) -> bytes:
    cells = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{"ABCD"[at]}{n}"><v>{cell}</v></c>' if isinstance(cell, int | float)
            else f'<c r="{"ABCD"[at]}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for at, cell in enumerate(row)
        )
        + "</row>"
        for n, row in enumerate(rows, start=1)
    )  # fmt: skip
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pkg = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{pkg}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{pkg}/relationships"><Relationship Id="r" Type="{rel}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="A" sheetId="1" r:id="s"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{pkg}/relationships"><Relationship Id="s" '
        f'Type="{rel}/worksheet" Target="worksheets/s.xml"/></Relationships>',
        "xl/worksheets/s.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    return _zip(parts)


def _ods(rows: list[list[object]]) -> bytes:
    spaces = "urn:oasis:names:tc:opendocument:xmlns:"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
            if isinstance(cell, int | float)
            else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )  # fmt: skip
    names = " ".join(f'xmlns:{one}="{spaces}{one}:1.0"' for one in ("office", "table", "text"))
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='A'>{cells}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return _zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def _zip(parts: dict[str, str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


ROWS: list[list[object]] = [["Classe", "Salle", "Effectif", "Adultes"], ["CP", "Salle 1", 24, 1], ["CM2", "r1", "x", 1]]


@pytest.mark.parametrize("make", [_xlsx, _ods], ids=["xlsx", "ods"])
def test_the_faulty_cell_of_any_spreadsheet_is_named(make: object) -> None:
    found = read_headcounts(make(ROWS))  # type: ignore[operator]  # one of two makers
    assert [(row.group, row.room, row.size) for row in found.rows] == [("CP", "Salle 1", 24), ("CM2", "r1", 0)]
    assert [(fault.cell, fault.value, fault.why) for fault in found.faults] == [("C3", "x", "not_a_number")]


def test_an_archive_that_swells_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _zip({"xl/worksheets/s.xml": " " * (sheets.MAX_UNPACKED_BYTES + 1)})
    assert len(bomb) < 100_000
    with pytest.raises(Invalid, match="too large"):
        read_headcounts(bomb)
    with pytest.raises(Invalid):
        read_headcounts(_zip({f"p{n}": "" for n in range(sheets.MAX_PARTS + 1)}))


@given(st.binary(max_size=300), st.integers(0, 1200))
def test_a_broken_spreadsheet_is_refused_and_breaks_nothing(noise: bytes, at: int) -> None:
    whole = _xlsx(ROWS)
    for data in (b"PK" + noise, whole[: at % len(whole)], whole[:at] + noise + whole[at + len(noise) :]):
        with suppress(Invalid):
            read_headcounts(data)
