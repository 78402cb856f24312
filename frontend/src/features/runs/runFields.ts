import type { RunOptions } from "@/shared/api/types";

export type Field = RunOptions["stages"][number]["fields"][number];
export type Values = Record<string, number | string | boolean>;

/** What differs from the defaults: the server fills in the rest, so a changed default reaches old forms too. */
export function changedConfig(fields: readonly Field[], values: Values): Record<string, unknown> {
  const changed = fields.filter(
    (field) => field.name in values && values[field.name] !== "" && values[field.name] !== field.default,
  );
  return Object.fromEntries(changed.map((field) => [field.name, values[field.name]]));
}
