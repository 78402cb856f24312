const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const AGES: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export type Formatters = ReturnType<typeof formatters>;

export function formatters(language: string) {
  const integer = new Intl.NumberFormat(language);
  const decimal = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });
  const fixed = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const about = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
  const list = new Intl.ListFormat(language);
  const tenths = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const names = new Intl.DisplayNames(language, { type: "language" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  return {
    integer: (value: number) => integer.format(value),
    list: (words: readonly string[]) => list.format(words),
    tenths: (value: number) => tenths.format(value),
    decimal: (value: number) => decimal.format(value),
    fixed: (value: number) => fixed.format(value),
    about: (value: number) => about.format(value),
    percent: (share: number) => percent.format(share),
    dateTime: (iso: string) => dateTime.format(new Date(iso)),
    day: (iso: string) => day.format(new Date(iso)),
    bytes: (value: number) => bytes(language, value),
    duration: (seconds: number) => duration(language, seconds),
    span: (seconds: number) => span(language, seconds),
    hoursAgo: (hours: number) => relative.format(-hours, "hour"),
    language: (code: string) => languageName(names, code),
    ago: (iso: string, now = Date.now()) => {
      const seconds = Math.round((Date.parse(iso) - now) / 1000);
      const [unit, size] = AGES.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
      return unit === "day" && Math.abs(seconds) > 7 * size
        ? dateTime.format(new Date(iso))
        : relative.format(Math.round(seconds / size), unit);
    },
  };
}

function bytes(language: string, value: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  const unit = BYTE_UNITS[power];
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: power === 0 ? 0 : 1 } as const;
  return new Intl.NumberFormat(language, style).format(value / 1000 ** power);
}

/** A rough length of time: nobody plans by the minute what takes days. */
function span(language: string, seconds: number): string {
  if (seconds < 3_600 * 10) return duration(language, Math.max(60, seconds));
  const hours = Math.round(seconds / 3_600);
  return new Intl.NumberFormat(language, { style: "unit", unit: "hour", unitDisplay: "long" }).format(hours);
}

/** The language's name; what is no code of one stands for itself. */
function languageName(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

function duration(language: string, seconds: number): string {
  const part = (value: number, unit: string) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" }).format(value);
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return part(whole, "second");
  if (whole < 3_600) return `${part(Math.floor(whole / 60), "minute")} ${part(whole % 60, "second")}`;
  return `${part(Math.floor(whole / 3_600), "hour")} ${part(Math.floor((whole % 3_600) / 60), "minute")}`;
}
