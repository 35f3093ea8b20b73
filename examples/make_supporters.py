"""Write supporters.csv, the list of the demo: 2,000 invented people and 60 bad rows of 12 kinds, always the same.

    python examples/make_supporters.py --data ../shared/data

`--data` names the folder with zccd.csv (ZIPs and districts, from Census files). Nobody here is real: names are drawn
from pools, addresses stand at example.org, .com and .net (RFC 2606). Some addresses make a sandbox act: the word
before the first "+" is the fault.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

GOOD, BAD_OF_A_KIND = 2_000, 5
HEADER = ("email", "first_name", "last_name", "zip", "locale", "street", "consent")
HERE = Path(__file__).resolve().parent

# The ZIPs of the offices of these delegates to the House, which zccd.csv leaves out.
TERRITORIES = {"AS": ["96799"], "GU": ["96910"], "MP": ["96950", "96951", "96952"], "VI": ["00802", "00840"]}
SPLIT, WHOLE = ("60632", "30093"), ("28205", "77011", "20002")  # in two districts; in one
LOST_ZERO = ("02139", "02740", "01841", "06106", "06604", "07030", "07105", "08611", "03103", "04401", "05401", "02907")
LOST_ZERO_AGAIN = {"00926": "926", "00601": "601.0", "02446": "2446.0"}  # as a spreadsheet's number

# fault -> how many addresses have it. Those of FAR make one request each misbehave: they stand far apart.
FAULTS = {"bounce": 24, "block": 6, "drop": 6, "defer": 12, "complaint": 1}
FAR = {180: "lost-answer", 540: "429", 900: "bad", 1260: "429", 1620: "slow"}

FIRST = """Ana María José Luis Guadalupe Xóchitl Itzel Yesenia Marisol Rocío Ángel Begoña Iñaki Nuria Lupe
Aisha Fatima Omar Yusuf Layla Zaynab Khadija Ngozi Chinedu Adaeze Kwame Abena Thandiwe Sipho Amara Oluwaseun Tunde
Mei Wei Xiuying Hiroshi Yuki Sakura Minh Thảo Nguyệt Dương Đặng Jisoo Minjun Haruto Priya Arjun Lakshmi Sanjay Anjali
Björn Åsa Søren Zoë Chloë François Renée Noël Anaïs Jürgen Käthe Łukasz Małgorzata Zdeněk Jiří Božena Ondřej Ştefan
Ioana Siobhán Niamh Aoife Seán Dafydd Mary Linda Robert Deborah James Keisha DeShawn Latoya Tyrone Ebony Marcus
Kailani Keola Leilani Sione Tala Malia Tavita Aponi Chayton Dakota Winona Nizhoni Ahote Anahera Gülşen Emre Şule
Ruth Hannah Miriam Ezra Tova Olena Taras Dmitro Svitlana Ani Hovhannes Nino Giorgi Soraya Darius Parisa Zahra"""
LAST = """Ruiz García Hernández Peña Muñoz Núñez Ibáñez Quiñones Zúñiga Güell Echeverría Ramírez Ávila Ordóñez Santos
O'Brien O'Connor D'Angelo N'Diaye M'Bow L'Heureux Van-der-Berg Smith-Jones Al-Sayed Ben-Ami Ó'Súilleabháin
Okafor Adeyemi Mensah Dlamini Diallo Traoré Koné Bekele Tesfaye Haile Wanjiru Otieno Nguyễn Trần Phạm Lê Võ Huỳnh
Chen Wang Li Zhao Kim Park Choi Tanaka Suzuki Yamamoto Patel Sharma Krishnamurthy Gupta Singh Rao Begum Rahman
Müller Schröder Weiß Lindqvist Ångström Sørensen Żółkiewski Wójcik Dvořák Svobodová Kovačević Đorđević Popescu
Murphy Kowalski Rossi Esposito Papadopoulos Johnson Williams Browning Whitfield Jeffers Freeland Begay Tsosie Yazzie
Kealoha Kahananui Tuiasosopo Fa'alogo Perez-Camacho Taitano Cruz Yılmaz Öztürk Petrosyan Hosseini Haddad Melnyk"""
ODD = [  # (first, last): one word, very long, other scripts, quotes and commas, brackets
    ("Wiryawan", ""),
    ("", "Mononym"),
    ("Prince-Emmanuel-Oluwatobiloba-Chukwuemeka", "Adeyemi-Okonkwo-Ransome-Bickersteth-Williams-van-den-Heuvel"),
    ("María de los Ángeles Guadalupe del Sagrado Corazón", "Fernández de Córdoba y Álvarez de las Asturias Bohórquez"),
    ("美玲", "陳"),
    ("さくら", "山本"),
    ("지수", "김"),
    ("فاطمة", "الزهراني"),
    ("רות", "כהן"),
    ("Олена", "Шевченко"),
    ("Ελένη", "Παπαδοπούλου"),
    ("ప్రియ", "రావు"),
    ("J. R.", "Tolliver, Jr."),
    ('Robert "Bobby"', "Fontaine III"),
    ("Ana & Luis", "Mejía"),
    ("<b>Bo</b>", "Tagg"),
    ("{{ 7 * 7 }}", "Brace"),
    ("Zoë 🌻", "Lindqvist"),
    ("O", "Ng"),
    ("d'Arcy", "de la O'"),
]
STREETS = (
    "Maple Street",
    "Elm Avenue",
    "Calle del Sol",
    "Mission Road",
    "Martin Luther King Jr. Boulevard",
    "2nd Street",
)
FLATS = ("", "", ", Apt 3B", " # 12", ", Unit 4")
CONSENTS = (
    "petition page, 2026-09-12",
    "sign-up sheet at the county fair, 2026-08-03",
    "formulario en español, 2026-10-02",
    "text-to-join, 2026-10-19",
    "renewed by e-mail, 2026-11-01",
)

Person = dict[str, str]


def plain(text: str) -> str:
    """The letters of a name that an address may have."""
    for letter, other in zip("łđøßı", ("l", "d", "o", "ss", "i"), strict=True):
        text = text.casefold().replace(letter, other)
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:24] or "person"


def zips(data: Path) -> dict[str, list[str]]:
    """State -> its ZIPs: 50 states, DC, Puerto Rico, the territories."""
    found: dict[str, list[str]] = defaultdict(list)
    with (data / "zccd.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found[row["state_abbr"]].append(row["zcta"])
    found |= TERRITORIES
    return {state: sorted(set(found[state])) for state in sorted(found)}


def places(draw: random.Random, data: Path) -> Iterator[str]:
    """ZIPs without end: those that must be there and one of every state first, then by a state's number of ZIPs."""
    by_state = zips(data)
    yield from (*SPLIT * 2, *WHOLE * 2, *(draw.choice(of) for of in by_state.values()))
    yield from (zip_ for of in TERRITORIES.values() for zip_ in of)
    while True:
        yield draw.choice(by_state[draw.choices(list(by_state), [len(of) for of in by_state.values()])[0]])


def good(draw: random.Random, data: Path) -> list[Person]:
    """The 2,000, Ana Ruiz first."""
    names = [*ODD, *((draw.choice(FIRST.split()), draw.choice(LAST.split())) for _ in range(GOOD - 1 - len(ODD)))]
    draw.shuffle(names)
    where = places(draw, data)
    people = [person(draw, number, *name, next(where)) for number, name in enumerate(names, start=2)]
    draw.shuffle(people)
    ana = {"email": "ana.ruiz@example.org", "first_name": "Ana", "last_name": "Ruiz", "zip": "16750", "locale": "es"}
    people.insert(0, {**ana, "street": "", "consent": CONSENTS[0]})
    lose_zeros(people)
    add_faults(draw, people)
    return people


def person(draw: random.Random, number: int, first: str, last: str, zip_: str) -> Person:
    domain = draw.choice(("example.org", "example.com", "example.net"))
    street = f"{draw.randint(1, 9900)} {draw.choice(STREETS)}{draw.choice(FLATS)}" if draw.random() < 0.03 else ""
    return {
        "email": f"{plain(first)}.{plain(last)}{number}@{domain}",
        "first_name": first,
        "last_name": last,
        "zip": zip_,
        "locale": draw.choices(("en", "es", ""), (50, 35, 15))[0],
        "street": street,
        "consent": draw.choice(CONSENTS),
    }


def lose_zeros(people: list[Person]) -> None:
    """15 ZIPs as a spreadsheet leaves them when it takes them for numbers."""
    lost = [zip_.removeprefix("0") for zip_ in LOST_ZERO] + list(LOST_ZERO_AGAIN.values())
    for place, zip_ in zip(range(60, GOOD, 127), lost, strict=False):
        people[place]["zip"] = zip_


def add_faults(draw: random.Random, people: list[Person]) -> None:
    """Addresses that a sandbox acts on. The far ones are all of one locale, so of one sequence of requests."""
    for place, fault in FAR.items():
        people[place] |= {"email": f"{fault}+{plain(people[place]['last_name'])}@example.org", "locale": "en"}
    kinds = [fault for fault, many in FAULTS.items() for _ in range(many)]
    draw.shuffle(kinds)
    for number, fault in enumerate(kinds):
        place = 25 + number * 40
        assert place not in FAR
        people[place]["email"] = f"{fault}+{plain(people[place]['last_name'])}{number}@example.org"


def spoil(field: str, values: tuple[str, ...]) -> Callable[[Person, int], Person]:
    return lambda row, number: {**row, field: values[number]}


def same_in_capitals(row: Person, number: int) -> Person:
    """`row` is a person of the list: the address once more, as another form wrote it."""
    local, domain = row["email"].split("@")
    return {**row, "email": (f"{local.upper()}@{domain}", f"{local.title()}@{domain.upper()}")[number % 2]}


LONG = "Maximiliana-Federica-Wilhelmina-" * 4
BAD: dict[str, Callable[[Person, int], Person]] = {
    "no e-mail": spoil("email", ("", " ", "", "  ", "")),
    "two e-mails": spoil(
        "email",
        (
            "lee@example.org; kim@example.com",
            "rosa@example.org,rosa@example.net",
            "a.b@example.org / c.d@example.org",
            "sam@example.com sam.work@example.com",
            "nia@example.net or nia@example.org",
        ),
    ),
    "bad e-mail": spoil("email", ("no-at-sign", "ana@", "@example.org", "ana..ruiz@example.org", "kai@example")),
    "no ZIP": spoil("zip", ("", " ", "", "  ", "")),
    "bad ZIP": spoil("zip", ("ABCDE", "99", "1234567890", "M5V 2T6", "00000")),
    "no consent": spoil("consent", ("", " ", "", "  ", "")),
    "said no": spoil("consent", ("no", "No", "false", "0", "opted out")),
    "twice": same_in_capitals,
    "formula": spoil("first_name", ("=1+1", "+1-555-0100", "-2+3", "@SUM(A1:A9)", '=HYPERLINK("https://example.org")')),
    "long name": spoil("last_name", tuple(LONG + letter for letter in "abcde")),
    "control character": spoil(
        "first_name", ("Ana\nBcc: all@example.org", "Lu\x07is", "No\x1bra", "Ka\tty", "Bo\x7fgnat")
    ),
    "too many columns": lambda row, _: {**row, "": f"column {len(HEADER) + 1}"},
}


def mixed(draw: random.Random, people: list[Person]) -> list[Person]:
    """The good rows in their order, the bad ones among them."""
    spoiled: list[tuple[int, Person]] = []
    for number in range(BAD_OF_A_KIND):
        for make in BAD.values():
            after = draw.randrange(100, GOOD)
            row = people[draw.randrange(1, after - 50)]
            if make is not same_in_capitals:
                row = {**row, "email": f"row{len(spoiled)}@example.org", "zip": "28205"}
            spoiled.append((after, make(row, number)))
    rows = [(float(place), row) for place, row in enumerate(people)]
    rows += [(after + 0.5, row) for after, row in spoiled]
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data", metavar="DIR")
    options.add_argument("--to", type=Path, default=HERE / "supporters.csv", metavar="FILE")
    given = options.parse_args()
    draw = random.Random(287)  # noqa: S311 (the same list every time)
    people = good(draw, given.data)
    assert len({person["email"] for person in people}) == len(people) == GOOD
    rows = mixed(draw, people)
    with given.to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(row.values() for row in rows)
    print(f"{given.to}: {len(people):,} people, {len(rows) - len(people)} bad rows of {len(BAD)} kinds")
    print(f"{len({person['zip'] for person in people}):,} ZIPs, {given.to.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
