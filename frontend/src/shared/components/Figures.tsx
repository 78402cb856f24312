import { SimpleGrid, Text } from "@mantine/core";

export interface Figure {
  label: string;
  value: string;
  note?: string;
}

/** A row of numbers that matter, each under its name. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 2, sm: Math.min(5, figures.length) }} spacing="lg" m={0}>
      {figures.map((figure) => (
        <div key={figure.label}>
          <Text component="dt" size="sm" c="dimmed">
            {figure.label}
          </Text>
          <Text component="dd" m={0} fz={26} fw={600} lh={1.3} style={{ fontVariantNumeric: "tabular-nums" }}>
            {figure.value}
          </Text>
          {figure.note && (
            <Text component="dd" m={0} size="sm" c="dimmed">
              {figure.note}
            </Text>
          )}
        </div>
      ))}
    </SimpleGrid>
  );
}
