"""Character sets told from a few lines, and two named where either could be meant."""

import pytest

from bakeoff.data.contents import guess_charsets

TEXTS = {
    ("cp1252", "Spanish"): [
        "El tranvía no tenía prisa y llegó por la mañana",
        "Un niño contó sus botones en el jardín",
        "¿Quién pintó esta valla? ¡Qué desastre!",
        "Mi compañera cantó una canción pequeña",
    ],
    ("cp1252", "Portuguese"): [
        "O elétrico não tinha pressa e chegou de manhã",
        "A canção é boa, mas a atuação não",
        "Não recomendo este fogão à minha irmã",
        "As crianças contaram botões no coração da cidade",
    ],
    ("cp1252", "German"): [
        "Die Straßenbahn hatte überhaupt keine Eile",
        "Für den Gärtner war der Zaun viel zu grün",
        "Größere Löffel wären schöner gewesen",
        "Die Wäsche trocknet früh",
    ],
    ("cp1252", "Swedish"): [
        "Spårvagnen hade ingen brådska på våren",
        "Jag räknar knappar i köket på kvällen",
        "Staketet är målat, men färgen är förfärlig",
        "Vår trädgård är väldigt grön",
    ],
    ("cp1252", "French"): [
        "Le tramway n'était pas pressé, il est arrivé à l'heure",
        "Le garçon a compté ses boutons près de la fenêtre",
        "La clôture a été peinte, et ça a déçu ma mère",
        "Voilà un été où la forêt était très belle",
    ],
    ("cp1250", "Polish"): [
        "Tramwaj się nie śpieszył, ale przyjechał wcześnie",
        "Chłopiec liczył guziki, żeby zasnąć",
        "Płot pomalowała moja młodsza siostra",
        "Książka była piękna i bardzo długa",
    ],
    ("cp1250", "Czech"): [
        "Tramvaj nespěchala, přesto přijela včas",
        "Chlapec počítal knoflíky a žádný nechyběl",
        "Příští plot natře můj děda, řekla škádlivě",
        "Vůbec neměl čas na svůj oběd",
    ],
    **{
        (charset, "Russian"): [
            "Трамвай никуда не спешил и приехал вовремя",
            "Мальчик считал пуговицы на кухне",
            "Забор покрасили, но цвет ужасный",
            "Очень длинная сказка про чайник",
        ]
        for charset in ("cp1251", "koi8-r", "cp866")
    },
}


def sample(charset: str, lines: list[str]) -> bytes:
    return ("text;label\n" + "".join(f"{line};{i % 2}\n" for i, line in enumerate(lines))).encode(charset)


@pytest.mark.parametrize(("charset", "language"), TEXTS)
def test_four_lines_are_enough_and_repeating_them_changes_nothing(charset: str, language: str) -> None:
    lines = TEXTS[charset, language]
    found = guess_charsets(sample(charset, lines))
    assert found[0] == charset
    assert guess_charsets(sample(charset, lines * 50)) == found


@pytest.mark.parametrize(("charset", "language"), TEXTS)
def test_the_character_set_of_a_single_line_is_among_those_named(charset: str, language: str) -> None:
    for line in TEXTS[charset, language]:
        content = sample(charset, [line])
        found = guess_charsets(content)
        assert content.decode(charset) in [content.decode(one, errors="replace") for one in found], line
        assert len(found) <= 2


@pytest.mark.parametrize(
    ("charset", "line"),
    [
        ("cp1253", "Το τραμ δεν βιαζόταν καθόλου και έφτασε νωρίς"),
        ("cp1254", "Tramvayın acelesi yoktu, yağmur başladı ve çocuk düğmeleri saydı"),
        ("cp1256", "لم يكن الترام في عجلة من أمره ووصل في الصباح"),
        (
            "gb18030",
            "电车一点也不着急，早上到了车站。孩子在厨房里数纽扣，等着雨停下来，然后去花园里画画，唱了一首很长的歌",
        ),
        ("cp932", "路面電車は急がずに朝早く着きました。子供は台所でボタンを数えて、雨が止むのを待っていました"),
        ("cp949", "전차는 서두르지 않고 아침에 도착했습니다. 아이는 부엌에서 단추를 세며 비가 그치기를 기다렸습니다"),
    ],
)
def test_other_scripts(charset: str, line: str) -> None:
    assert guess_charsets(sample(charset, [line])) == [charset]


def test_two_are_named_where_a_word_could_be_of_both_and_reads_differently() -> None:
    assert guess_charsets(sample("cp1252", ["niño"])) == ["cp1252", "cp1250"]


def test_texts_that_two_character_sets_read_alike_have_one_name() -> None:
    """Latin-1 and Latin-9 differ from cp1252 in signs that these words do not hold."""
    assert guess_charsets(sample("iso8859-15", TEXTS["cp1252", "German"])) == ["cp1252"]
