import { Table } from "@mantine/core";

/** Names and values of a flat object, as it is. */
export function Pairs({ label, values }: { label: string; values: Record<string, unknown> }) {
  return (
    <Table.ScrollContainer minWidth={320} type="native">
      <Table aria-label={label} verticalSpacing={6}>
        <Table.Tbody>
          {Object.entries(values).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} c="dimmed" w="40%">
                {name.replaceAll("_", " ")}
              </Table.Th>
              <Table.Td ff="monospace" fz="sm" style={{ overflowWrap: "anywhere" }}>
                {shown(value)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Nested objects as "epochs 3 · seed 0": readable, and still every value. */
function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "–";
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, inner]) => `${name.replaceAll("_", " ")} ${shown(inner)}`);
  return parts.join(" · ") || "–";
}
