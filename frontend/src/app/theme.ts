import { createTheme, mergeThemeOverrides, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

// The one accent: a blue-green, dark enough for text on paper and quiet beside it.
const fjord: MantineColorsTuple = [
  "#eff6f7",
  "#dcebee",
  "#b9d6dc",
  "#91bdc7",
  "#6ca5b2",
  "#4f8f9e",
  "#3a7b8b",
  "#2f6b78",
  "#255662",
  "#183f49",
];
// For what has ended well.
const moss: MantineColorsTuple = [
  "#eef6ef",
  "#deeee1",
  "#bcdcc3",
  "#97c8a2",
  "#75b583",
  "#5ba46b",
  "#4a9259",
  "#3a7a48",
  "#2c6039",
  "#1d4326",
];
const gray: MantineColorsTuple = [
  "#f7f8f7",
  "#eff0ef",
  "#e4e6e4",
  "#d5d8d6",
  "#b9bebb",
  "#929895",
  "#6c7370",
  "#4f5653",
  "#353b39",
  "#1f2423",
];
const dark: MantineColorsTuple = [
  "#d9dddb",
  "#b6bcb9",
  "#8f9794",
  "#666e6b",
  "#454c4a",
  "#343a39",
  "#282e2d",
  "#1d2221",
  "#171b1b",
  "#111414",
];

const theme = createTheme({
  primaryColor: "fjord",
  primaryShade: { light: 7, dark: 6 },
  colors: { fjord, moss, gray, dark },
  defaultRadius: "md",
  fontFamily: 'system-ui, "Segoe UI", Roboto, Inter, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.625rem", lineHeight: "1.25" },
      h2: { fontSize: "1.125rem", lineHeight: "1.35" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
    },
  },
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: { styles: { label: { fontWeight: 550 } } },
    SegmentedControl: { styles: { label: { fontWeight: 500 } } },
    InputWrapper: { styles: { label: { fontWeight: 500 } } },
    Badge: { styles: { label: { fontWeight: 550 } } },
    Modal: {
      defaultProps: { centered: true, radius: "lg", padding: "lg", overlayProps: { backgroundOpacity: 0.35 } },
      styles: { title: { fontWeight: 600, fontSize: "1.125rem" } },
    },
    Drawer: {
      defaultProps: { padding: "xl", overlayProps: { backgroundOpacity: 0.2 } },
      styles: { title: { fontWeight: 600 } },
    },
    Table: { defaultProps: { borderColor: "var(--bennet-line)" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
  },
});

/** Mantine's own buttons have pictures only; whoever hears the page needs words. */
export function themeIn(words: { close: string }) {
  const defaultProps = { closeButtonProps: { "aria-label": words.close } };
  return mergeThemeOverrides(theme, { components: { Modal: { defaultProps }, Drawer: { defaultProps } } });
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fdfdfc",
    "--mantine-color-text": "#1f2423",
    "--mantine-color-dimmed": "#5c6461",
    "--mantine-color-placeholder": "#6c7370",
    "--mantine-color-yellow-light": "#faf0da",
    "--mantine-color-yellow-light-color": "#7d4d08",
    "--bennet-rail": "#f4f6f5",
    "--bennet-line": "#e4e6e4",
    "--bennet-raised": "#ffffff",
    "--bennet-sunken": "#f4f6f5",
    "--bennet-accent-soft": "#eaf3f5",
    "--bennet-series-1": "#2f6b78",
    "--bennet-series-2": "#b4632a",
    "--bennet-series-quiet": "#c3cac7",
    "--bennet-hover": "rgb(0 0 0 / 4%)",
    "--bennet-warning": "#9a4f12",
    "--bennet-error": "#b3261e",
    "--bennet-only-one": "#fae6d6",
    "--bennet-only-two": "#d9eede",
  },
  dark: {
    "--mantine-color-body": "#1a1f1e",
    "--mantine-color-text": "#dfe3e1",
    "--mantine-color-dimmed": "#99a19e",
    "--mantine-color-placeholder": "#99a19e",
    "--mantine-color-fjord-light": "#1e3439",
    "--mantine-color-fjord-light-hover": "#25414a",
    "--mantine-color-fjord-light-color": "#91bdc7",
    "--mantine-color-yellow-light": "#37301c",
    "--mantine-color-yellow-light-color": "#e5c07b",
    "--mantine-color-moss-light": "#1f3325",
    "--mantine-color-moss-light-color": "#97c8a2",
    "--mantine-color-anchor": "#7db6c3",
    "--bennet-rail": "#151919",
    "--bennet-line": "#303635",
    "--bennet-raised": "#212726",
    "--bennet-sunken": "#151919",
    "--bennet-accent-soft": "#1e3439",
    "--bennet-series-1": "#6cb3c2",
    "--bennet-series-2": "#d8935f",
    "--bennet-series-quiet": "#56605d",
    "--bennet-hover": "rgb(255 255 255 / 5%)",
    "--bennet-warning": "#e3a873",
    "--bennet-error": "#f28b82",
    "--bennet-only-one": "#4a3320",
    "--bennet-only-two": "#1f4029",
  },
});
