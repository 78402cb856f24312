/**
 * A body as the server sends it. The schema marks fields with a default as optional, which they are in requests;
 * answers always carry them, so no page needs to ask whether they are there.
 */
export type Whole<T> = T extends readonly (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<Exclude<T[Key], undefined>> }
    : T;
