import { expect, it } from "vitest";
import { aboutTokens } from "./tokens";

// Counted with OpenAI's o200k_base (gpt-tokenizer 4.0.0).
const COUNTED: [string, number, string][] = [
  [
    "English",
    48,
    "The sky is blue because air scatters sunlight, and it scatters short waves much more than long ones. At sunset the light has come a longer way through the atmosphere, so most of the blue is gone and red and orange remain.",
  ],
  [
    "Norwegian",
    62,
    "Himmelen er blå fordi luften sprer sollyset, og den sprer korte bølger mye mer enn lange. Ved solnedgang har lyset gått en lengre vei gjennom atmosfæren, så det meste av det blå er borte og rødt og oransje står igjen.",
  ],
  [
    "German",
    51,
    "Der Himmel ist blau, weil die Luft das Sonnenlicht streut, und zwar kurze Wellen viel stärker als lange. Bei Sonnenuntergang hat das Licht einen längeren Weg durch die Atmosphäre zurückgelegt, sodass vor allem Rot und Orange übrig bleiben.",
  ],
  [
    "Arabic",
    58,
    "السماء زرقاء لأن الهواء يبعثر ضوء الشمس، وهو يبعثر الموجات القصيرة أكثر بكثير من الطويلة. وعند الغروب يكون الضوء قد قطع طريقا أطول عبر الغلاف الجوي فلا يبقى منه إلا الأحمر والبرتقالي.",
  ],
  [
    "Hebrew",
    62,
    "השמים כחולים מפני שהאוויר מפזר את אור השמש, והוא מפזר גלים קצרים הרבה יותר מגלים ארוכים. בשקיעה האור עובר דרך ארוכה יותר באטמוספרה, ולכן נשארים בעיקר האדום והכתום.",
  ],
  [
    "Chinese",
    55,
    "天空是蓝色的，因为空气会散射阳光，而且短波比长波散射得更厉害。日落时，光线在大气中走过更长的路程，所以剩下的主要是红色和橙色。",
  ],
  [
    "Russian",
    56,
    "Небо голубое, потому что воздух рассеивает солнечный свет, причём короткие волны гораздо сильнее длинных. На закате свет проходит более длинный путь через атмосферу, и остаются в основном красный и оранжевый цвета.",
  ],
  [
    "Python",
    59,
    'def mean(values: list[float]) -> float:\n    """Return the average of the values."""\n    if not values:\n        raise ValueError("no values")\n    return sum(values) / len(values)\n\n\nprint(mean([1.5, 2.25, 300.75]))\n',
  ],
  [
    "sums",
    47,
    "12 + 345 = 357, so 357 * 1000 = 357000. Half of it is 178500; a third is 119000.00 and 5% of that is 5950.",
  ],
];

it.each(COUNTED)("counts %s to within a quarter of %i", (_, counted, text) => {
  expect(aboutTokens(text) / counted).toBeGreaterThan(0.75);
  expect(aboutTokens(text) / counted).toBeLessThan(1.25);
});

it("counts nothing in nothing", () => expect(aboutTokens(" ")).toBe(0));
